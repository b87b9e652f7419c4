import type { UpstreamTls } from "../base/transport.ts";
import type { ProviderAuth } from "../base/config-types.ts";
import type { CredentialSource } from "../base/authorize.ts";
import { authTypeOf } from "./cloud-places.ts";
import type { ProviderDocument, ProviderTlsDocument } from "./document-types.ts";
import { defined } from "./plain-data.ts";

/** Returns the certificates of a provider, with the file format's names in camelCase. */
export function toTls({ ca, cert, key, server_name: serverName }: ProviderTlsDocument): UpstreamTls {
  return {
    ...defined("ca", ca),
    ...defined("cert", cert),
    ...defined("key", key),
    ...defined("serverName", serverName),
  };
}

/** Returns how a provider is paid. */
export function toAuth(provider: ProviderDocument): ProviderAuth {
  const { auth_value: value, auth_header: header } = provider;
  const type = authTypeOf({ ...provider });
  if (type === "passthrough" || value === "passthrough") return { type: "passthrough" };
  const source = toSource(type, provider);
  if (source) return { type: "renewed", source, ...defined("header", header) };
  const keys = value === undefined ? [] : typeof value === "string" ? [value] : [...new Set(value)];
  return { type: type === "auth_token" ? "auth_token" : "api_key", keys, ...defined("header", header) };
}

function toSource(type: string, provider: ProviderDocument): CredentialSource | undefined {
  switch (type) {
    case "command":
      return { type, command: provider.auth_command ?? [] };
    case "file":
      return { type, file: provider.auth_file ?? "" };
    case "aws":
      return { type, ...defined("profile", provider.aws_profile), ...defined("region", provider.region) };
    case "google":
      return { type };
    default:
      return undefined;
  }
}
