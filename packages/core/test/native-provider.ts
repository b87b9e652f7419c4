import type { ProviderConfig } from "../src/base/config-types.ts";

/** A provider of the Messages API with one key, `key-of-<name>-000`, that serves every model under its own name; `more` replaces members. */
export function nativeProvider(name: string, more: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    name,
    type: "anthropic",
    baseUrl: `https://${name}.test`,
    auth: { type: "api_key", keys: [`key-of-${name}-000`] },
    bigModel: "passthrough",
    smallModel: "passthrough",
    ...more,
  };
}
