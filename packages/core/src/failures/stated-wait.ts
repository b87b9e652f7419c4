import { isObject, type JsonObject } from "../base/json.ts";

/** Members that hold a wait or a time, by their name without `_` and in lower case. A number is seconds, or epoch seconds. */
const waitNames: ReadonlySet<string> = new Set([
  "retryafter",
  "retryafterseconds",
  "retryin",
  "retrydelay", // google.rpc.RetryInfo
  "quotaresetdelay", // Google's Code Assist, as the next
  "quotaresettimestamp",
  "resetsinseconds", // ChatGPT's plans, as the next
  "resetsat",
  "resetinseconds",
  "resetat",
  "resettime",
  "resetseconds",
  "estimatedtime", // Hugging Face, while a model is loaded
  "xratelimitreset", // OpenRouter repeats headers in its errors
]);

/** Members that hold a wait in milliseconds. */
const waitNamesMs: ReadonlySet<string> = new Set(["retryafterms", "retrydelayms", "resetinms"]);

/** Members in which an error keeps its details. Nothing else is looked into: it may repeat the request. */
const innerNames = ["error", "details", "metadata", "headers"];

const maxDepth = 5;
const maxItems = 8;
const longestWait = 40;

/**
 * Reads the wait that a member of an error states, whatever the vendor calls it.
 *
 * @param value - parsed error body or error object.
 * @returns text for `parseReset`; undefined if no member states a wait. Of several, the deepest counts.
 */
export function readStatedWait(value: unknown): string | undefined {
  return waitIn(value, 0);
}

function waitIn(value: unknown, depth: number): string | undefined {
  if (depth > maxDepth) return undefined;
  if (Array.isArray(value)) {
    for (const item of value.slice(0, maxItems)) {
      const wait = waitIn(item, depth + 1);
      if (wait !== undefined) return wait;
    }
    return undefined;
  }
  if (!isObject(value)) return undefined;
  for (const name of innerNames) {
    const wait = waitIn(value[name], depth + 1);
    if (wait !== undefined) return wait;
  }
  return ownWait(value);
}

/** No error has more members than this; further ones are not looked at. */
const maxMembers = 64;

function ownWait(error: JsonObject): string | undefined {
  let left = maxMembers;
  for (const name in error) {
    left -= 1;
    if (left < 0) return undefined;
    if (name.length > longestWait) continue;
    const plain = name.toLowerCase().replaceAll(/[-_]/g, "");
    const isMs = waitNamesMs.has(plain);
    if (!isMs && !waitNames.has(plain)) continue;
    const text = textOf(error[name]);
    if (text !== undefined) return isMs ? `${text}ms` : text;
  }
  return undefined;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? String(value) : undefined;
  return typeof value === "string" && value !== "" && value.length <= longestWait ? value : undefined;
}
