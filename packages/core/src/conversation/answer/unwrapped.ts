import { isObject } from "../../base/json.ts";

// Cloudflare's REST API has `result`, relays `data`.
const wrappers = ["data", "result", "response"];

/** Returns the answer inside what a relay puts around it (an array of one, `{code, data}`, `{result, success}`): `member` is what every answer has. */
export function unwrapped(value: unknown, member: "choices" | "output"): unknown {
  const outer: unknown = Array.isArray(value) ? value[0] : value;
  if (!isObject(outer) || outer[member] !== undefined) return outer;
  const inner = wrappers.map((name) => outer[name]).find((one) => isObject(one) && Array.isArray(one[member]));
  if (inner === undefined && member === "output" && isObject(outer["response"])) return outer["response"];
  return inner ?? outer;
}
