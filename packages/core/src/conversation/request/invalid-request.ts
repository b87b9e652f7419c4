import { CcpbError } from "../../base/errors.ts";
import { isObject, type JsonObject } from "../../base/json.ts";

/**
 * Makes the error for a request that cannot be translated: status 400 for the client, no upstream call, no provider
 * charged. `path` is a JSON path.
 */
export function invalidRequest(path: string, problem: string, cause?: unknown): CcpbError {
  return new CcpbError("invalid_request", `${path}: ${problem}`, {
    status: 400,
    type: "invalid_request_error",
    ...(cause !== undefined && { cause }),
  });
}

export function requireObject(value: unknown, path: string): JsonObject {
  if (isObject(value)) return value;
  throw invalidRequest(path, "an object is required");
}

export function requireText(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  throw invalidRequest(path, "a string is required");
}

/** Returns the members of an array; null and absence are an empty one. */
export function requireList(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw invalidRequest(path, "an array is required");
}

/** Content is a string or an array of blocks; null and absence are no content. */
export function requireContent(value: unknown, path: string): string | readonly unknown[] {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw invalidRequest(path, "a string or an array of content blocks is required");
}

/** Returns the JSON text of a foreign value. Throws `invalid_request` for what has none: nested too deeply, circular, a BigInt. */
export function jsonText(value: unknown, path: string): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw invalidRequest(path, "this value cannot be written as JSON: it is nested too deeply", error);
  }
}

/** Error for a request for a summary (beta `compaction`) at a provider that would go on with the conversation instead, which the client would take for one. */
export function compactionRefused(): CcpbError {
  return invalidRequest("compaction", "only Anthropic's own API compacts a conversation");
}
