import { isSection, type Section } from "./plain-data.ts";
import { quote } from "./quote.ts";

/** A region of AWS or Google; `global`, `us` and `eu` are Google's as well. It becomes part of a host name. */
export function regionFault(text: string): string | undefined {
  return /^[a-z]{2,8}(?:-[a-z0-9]{1,20}){0,4}$/.test(text)
    ? undefined
    : "is no region; write one such as us-east-1 (AWS), us-east5 or global (Google)";
}

/** A Google Cloud project. It becomes part of a path. */
export function projectFault(text: string): string | undefined {
  return /^(?:[a-z0-9.-]{1,100}:)?[a-z0-9-]{1,100}$/.test(text)
    ? undefined
    : `is ${quote(text)}; write the id of a Google Cloud project, such as my-project-1234`;
}

/** Returns where a provider of type bedrock or vertex is reached by its region; undefined for the other types, and without a region. */
export function cloudBaseUrl(type: unknown, region: unknown): string | undefined {
  if (typeof region !== "string") return undefined;
  if (type === "bedrock") {
    return `https://bedrock-runtime.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  }
  if (type !== "vertex") return undefined;
  if (region === "global") return "https://aiplatform.googleapis.com/v1";
  // Multi-region endpoints, which keep the data in the area (@anthropic-ai/vertex-sdk).
  const isArea = region === "us" || region === "eu";
  return `https://${isArea ? `aiplatform.${region}.rep` : `${region}-aiplatform`}.googleapis.com/v1`;
}

/**
 * Determines the kind of credential if `auth_type` is absent: by the key that is given, else by the default of the
 * provider's type.
 */
export function authTypeOf(section: Section): string {
  const { auth_type: said, type } = section;
  if (typeof said === "string") return said;
  if (section["auth_value"] === "passthrough") return "passthrough";
  if ("auth_command" in section) return "command";
  if ("auth_file" in section) return "file";
  if ("auth_value" in section) return "api_key";
  if (type === "bedrock") return "aws";
  return type === "vertex" ? "google" : "api_key";
}

/** Decides whether a base URL holds the query of Azure's API version, and nothing else. */
export function isVersionQuery(query: string): boolean {
  return /^\?api-version=[\w.-]{1,40}$/.test(query);
}

/** The section of a provider's `tls`; empty where it is none. */
export function tlsOf(section: Section): Section {
  return isSection(section["tls"]) ? section["tls"] : {};
}
