import { isSection, type Section } from "./plain-data.ts";
import { quote } from "./quote.ts";

/** Returns what is wrong with a region of AWS or Google; `global`, `us` and `eu` are Google's as well. It becomes part of a host name. */
export function regionFault(text: string): string | undefined {
  return /^[a-z]{2,8}(?:-[a-z0-9]{1,20}){0,4}$/.test(text)
    ? undefined
    : "is no region; write one such as us-east-1 (AWS), us-east5 or global (Google)";
}

/**
 * Returns what seems wrong with a region for a type of provider: a zone of it, the name of an area, or a region of the other cloud; undefined where
 * nothing does. Regions are added over the years, so that only their form is judged.
 */
export function regionOddity(type: unknown, region: string): string | undefined {
  const isOfAws = /^[a-z]{2,4}(?:-[a-z]+)+-\d$/.test(region);
  if (type === "bedrock") {
    const zone = /^([a-z]{2,4}(?:-[a-z]+)+-\d)-?[a-f]$/.exec(region);
    if (zone?.[1] !== undefined) return `is a zone; write its region, ${zone[1]}`;
    if (isOfAws) return undefined;
    return /^(?:global|us|eu|apac|jp|au)$/.test(region)
      ? `is an inference profile; write the region of your account, such as us-east-1, and inference_profile: ${region}`
      : "does not look like a region of AWS; write one such as us-east-1";
  }
  if (type !== "vertex") return undefined;
  const zone = /^([a-z]+-[a-z]+\d{1,2})-[a-f]$/.exec(region);
  if (zone?.[1] !== undefined) return `is a zone; write its region, ${zone[1]}`;
  return /^(?:global|us|eu|[a-z]+-[a-z]+\d{1,2})$/.test(region)
    ? undefined
    : "does not look like a region of Google Cloud; write one such as us-east5, or global";
}

/** Returns what is wrong with a Google Cloud project. It becomes part of a path. */
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

/** Returns the section of a provider's `tls`; empty where it is none. */
export function tlsOf(section: Section): Section {
  return isSection(section["tls"]) ? section["tls"] : {};
}
