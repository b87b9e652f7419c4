import type { BalancerEvents } from "../base/events.ts";
import { didYouMean } from "../base/did-you-mean.ts";
import { isObject } from "../base/json.ts";
import { kindOf, misuse } from "../base/misuse.ts";

const remedies = {
  text: "pass the parsed request, or { body: new TextEncoder().encode(text) }",
  bytes: "pass { body: bytes }",
  web: "pass { body: new Uint8Array(await request.arrayBuffer()), headers: Object.fromEntries(request.headers) }, or use createFetch",
  other: "pass a Messages request as an object, or { body, headers } with the client's bytes",
} as const;

/**
 * Checks the argument with which a program opens a call. Mistakes of clients inside the request are found later.
 *
 * @throws TypeError where it is neither a request nor `{ body }` with bytes.
 */
export function checkRequest(request: unknown): void {
  if (typeof request === "string") throw misuse("open: the request", "is a string", remedies.text);
  if (isBytes(request)) throw misuse("open: the request", `is ${kindOf(request)}`, remedies.bytes);
  if (!isObject(request)) throw misuse("open: the request", `is ${kindOf(request)}`, remedies.other);
  if (typeof request["then"] === "function") throw misuse("open: the request", "is a promise", "await it first");
  if (typeof request["arrayBuffer"] === "function") {
    throw misuse("open: the request", `is ${kindOf(request)}`, remedies.web);
  }
  checkHeaders("open: headers", request["headers"]);
  if ("body" in request && !("messages" in request)) checkBody("open: body", request["body"]);
}

/**
 * Checks a body that a program hands over.
 *
 * @throws TypeError where it is neither bytes nor a list of them.
 */
export function checkBody(where: string, body: unknown): void {
  if (ArrayBuffer.isView(body) || (Array.isArray(body) && body.every((chunk) => ArrayBuffer.isView(chunk)))) return;
  throw misuse(where, `is ${kindOf(body)}`, bodyRemedy(body));
}

function bodyRemedy(body: unknown): string {
  if (typeof body === "string") return "pass its bytes: new TextEncoder().encode(body)";
  if (isBytes(body)) return "pass new Uint8Array(body)";
  if (isObject(body) && ("model" in body || "messages" in body)) return "pass the parsed request itself: open(body)";
  return "pass its bytes, a Uint8Array or an array of them";
}

/**
 * Checks headers that a program hands over.
 *
 * @throws TypeError where they are a `Headers`, whose members are no headers.
 */
export function checkHeaders(where: string, headers: unknown): void {
  if (headers === undefined || (isObject(headers) && typeof headers["get"] !== "function")) return;
  const remedy = "pass an object with lower-case names: Object.fromEntries(headers)";
  throw misuse(where, `is ${kindOf(headers)}`, remedy);
}

const events: Readonly<Record<keyof BalancerEvents, true>> = {
  "call-start": true,
  "attempt-start": true,
  "content-start": true,
  "attempt-end": true,
  "failover-served": true,
  "circuit-change": true,
  "profile-learned": true,
  "call-end": true,
  "config-reload": true,
};

/**
 * Checks the name of an event and its listener.
 *
 * @throws TypeError where there is no such event, or the listener is no function.
 */
export function checkListener(name: string, listener: unknown): void {
  if (!Object.hasOwn(events, name)) {
    const intended = didYouMean(name, Object.keys(events));
    const remedy = intended === undefined ? `the events are ${Object.keys(events).join(", ")}` : `write "${intended}"`;
    throw misuse("on:", `there is no event ${JSON.stringify(name.slice(0, 40))}`, remedy);
  }
  if (typeof listener !== "function") throw misuse("on: the listener", `is ${kindOf(listener)}`, "pass a function");
}

function isBytes(value: unknown): boolean {
  return ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}
