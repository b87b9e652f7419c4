import { isObject } from "./json.ts";
import { kindOf, misuse } from "./misuse.ts";
import type { Transport } from "./transport.ts";

/**
 * Checks the transport that a program hands to `who`.
 *
 * @throws TypeError where it is no function, or the platform's `fetch`, which has other parameters.
 */
export function checkTransport(who: string, transport: unknown): asserts transport is Transport {
  const where = `${who}: the transport`;
  if (transport === undefined)
    throw misuse(where, "is missing", "pass fetchTransport(fetch), or a function of your own");
  if (typeof transport !== "function") throw misuse(where, `is ${kindOf(transport)}`, "pass fetchTransport(fetch)");
  if (transport.name === "fetch") throw misuse(where, "is fetch itself", "pass fetchTransport(fetch)");
}

/**
 * Checks that `value` has the methods of what `who` wants, such as a balancer.
 *
 * @param wanted - required type and how to make it, such as `a balancer: new Balancer(config)`.
 * @throws TypeError where it has not.
 */
export function checkMethods(who: string, value: unknown, methods: readonly string[], wanted: string): void {
  const members = isObject(value) ? value : {};
  if (methods.every((name) => typeof members[name] === "function")) return;
  throw misuse(`${who}: an argument`, `is ${kindOf(value)}`, `pass ${wanted}`);
}

/**
 * Checks the signal that a program hands to `who`.
 *
 * @throws TypeError where it is none.
 */
export function checkSignal(who: string, signal: unknown): void {
  if (signal === undefined) return;
  if (isObject(signal) && "signal" in signal && "abort" in signal) {
    throw misuse(`${who}: the signal`, `is ${kindOf(signal)}`, "pass controller.signal");
  }
  checkMethods(who, signal, ["addEventListener", "removeEventListener"], "an AbortSignal as signal");
}

/** Returns what is wrong with the value that a transport resolved with: a mistake in the transport. Undefined where it is a reply. */
export function mistakeIn(reply: unknown): TypeError | undefined {
  const where = "the transport's reply";
  const remedy = "resolve with { status, headers, body }";
  if (!isObject(reply)) return misuse(where, `is ${kindOf(reply)}`, remedy);
  const { status, headers, body } = reply;
  if (typeof status !== "number") return misuse(`${where}: status`, `is ${kindOf(status)}`, remedy);
  if (!isObject(headers) || typeof headers["get"] === "function") {
    const other =
      "pass fetchTransport(fetch), or resolve with an object of lower-case names: Object.fromEntries(headers)";
    return misuse(`${where}: headers`, `is ${kindOf(headers)}`, other);
  }
  if (isObject(body) && typeof (body as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === "function")
    return undefined;
  return misuse(`${where}: body`, `is ${kindOf(body)}`, "resolve with an AsyncIterable of Uint8Array");
}
