import { isObject } from "../base/json.ts";

// MiniMax answers failures with status 200 and a number of its own.
const statuses: ReadonlyMap<unknown, number> = new Map([
  [1000, 500],
  [1001, 504],
  [1002, 429],
  [1004, 401],
  [1008, 402],
  [1013, 500],
  [1024, 500],
  [1026, 400], // sensitive input
  [1027, 400], // sensitive output
  [1033, 500],
  [1039, 429], // tokens per minute
  [1041, 429], // connections at once
  [1042, 400],
  [2013, 400],
  [2045, 429],
  [2049, 401],
  [2056, 429], // a plan's window
]);

/**
 * Reads the HTTP status that an error object names itself (`code`, `status`, `status_code` and so on).
 *
 * @param value - parsed error; any value is allowed.
 * @returns a status from 400 to 599; undefined if the object names none.
 * @example
 * ```ts
 * console.log(readErrorStatus({ error: { code: 429 } })); // 429
 * ```
 */
export function readErrorStatus(value: unknown): number | undefined {
  if (Array.isArray(value)) return readErrorStatus(value[0]);
  if (!isObject(value)) return undefined;
  for (const key of ["status_code", "status", "code", "http_code", "statusCode"]) {
    const status = typeof value[key] === "string" ? Number(value[key]) : value[key];
    if (typeof status === "number" && Number.isInteger(status) && status >= 400 && status <= 599) return status;
  }
  return readErrorStatus(value["error"]) ?? minimaxStatus(value["base_resp"]);
}

/**
 * Returns the HTTP status that MiniMax's `base_resp` stands for.
 *
 * @param baseResp - `base_resp` of the body; any value is allowed.
 * @returns the status; undefined if it is no failure, or an unknown one.
 */
function minimaxStatus(baseResp: unknown): number | undefined {
  return isObject(baseResp) ? statuses.get(baseResp["status_code"]) : undefined;
}
