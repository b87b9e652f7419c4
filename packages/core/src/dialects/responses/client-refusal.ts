import { CcpbError } from "../../base/errors.ts";
import { isObject, type JsonObject } from "../../base/json.ts";

/** Returns the error for a Responses request that cannot be served: status 400, `path` such as `input[2].content[0].type` at the beginning of the message. */
export function refusal(path: string, problem: string): CcpbError {
  return new CcpbError("invalid_request", `${path}: ${problem}`, { status: 400, type: "invalid_request_error" });
}

/** Returns `value` as an object. @throws `CcpbError` where it is none. */
export function objectAt(value: unknown, path: string): JsonObject {
  if (isObject(value)) return value;
  throw refusal(path, "an object is required");
}

/** Returns `value` as a string. @throws `CcpbError` where it is none. */
export function textAt(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  throw refusal(path, "a string is required");
}

/** Returns `value` as an array; null and absence are an empty one. @throws `CcpbError` for anything else. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw refusal(path, "an array is required");
}

/** Returns the member `name` of `source` as a number; null and absence are undefined. @throws `CcpbError` for anything else. */
export function numberAt(source: JsonObject, name: string): number | undefined {
  const value = source[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw refusal(name, "a number is required");
}
