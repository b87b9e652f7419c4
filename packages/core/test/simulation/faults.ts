import type { ScriptedReply } from "@ccpb/core/testing";
import { messageEvents } from "./stream-text.ts";

/** One way in which a provider fails: what it answers, and who pays for it. */
export interface Fault {
  readonly reply: ScriptedReply;
  /**
   * `ours`: what it costs is the balancer's own guess, so that the provider is probed early where no other can serve. `stated`: the provider, or a fixed
   * rule for refused credentials, says for how long it stays out. `free`: it costs nothing.
   */
  readonly cost: "ours" | "stated" | "free";
}

const json = (value: unknown): string => JSON.stringify(value);
const anthropicError = (type: string, message: string): string => json({ type: "error", error: { type, message } });
const html = "<html><head><title>Just a moment...</title></head></html>";
const ours = (reply: ScriptedReply): Fault => ({ reply, cost: "ours" });
const stated = (reply: ScriptedReply): Fault => ({ reply, cost: "stated" });
const free = (reply: ScriptedReply): Fault => ({ reply, cost: "free" });
/** A failure of the network, by the system's code for it. */
const network = (code: string): ScriptedReply => ({ failure: { message: code } });

const [start] = messageEvents;

/** A fault for each row of the failure model that a provider may show to any request. */
export const faults: Readonly<Record<string, Fault>> = {
  "host name unknown": ours(network("ENOTFOUND")),
  "connection refused": ours(network("ECONNREFUSED")),
  "certificate refused": ours(network("CERT_HAS_EXPIRED")),
  "malformed HTTP": ours(network("HPE_INVALID_CONSTANT")),
  "headers too large": ours(network("UND_ERR_HEADERS_OVERFLOW")),
  reset: ours(network("ECONNRESET")),
  "connect deadline": ours({ delayMs: 10_000, failure: { message: "connect", phase: "connect" } }),
  "silence before the headers": ours({ hang: true }),
  "silence after the headers": ours({ body: [start, { hang: true }] }),
  "401": stated({ status: 401, body: anthropicError("authentication_error", "invalid x-api-key") }),
  "402": stated({ status: 402, body: "{}" }),
  "403 of a credential": stated({ status: 403, body: anthropicError("permission_error", "not allowed") }),
  "403 of a firewall": ours({ status: 403, headers: { "content-type": "text/html" }, body: html }),
  "403 with cf-mitigated": ours({ status: 403, headers: { "cf-mitigated": "challenge" }, body: html }),
  "account without credit": stated({
    status: 400,
    body: anthropicError("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
  }),
  "429 with a wait": stated({ status: 429, headers: { "retry-after": "90" }, body: "{}" }),
  "429 per minute": stated({
    status: 429,
    body: json({ error: { code: "rate_limit_exceeded", message: "Rate limit reached: requests per minute" } }),
  }),
  "429 that states nothing": ours({ status: 429, body: "{}" }),
  "529": ours({ status: 529, body: anthropicError("overloaded_error", "Overloaded") }),
  "503 with a wait": stated({ status: 503, headers: { "retry-after": "20" }, body: "{}" }),
  "503": ours({ status: 503, body: "{}" }),
  "400 overloaded": ours({ status: 400, body: json({ error: { message: "Our servers are currently overloaded." } }) }),
  "404 of a route": ours({ status: 404, body: "{}" }),
  "no such model": ours({ status: 400, body: json({ error: { message: "Model not found: x" } }) }),
  "400 of a relay": ours({
    status: 400,
    body: json({ error: { message: "Error from provider: Upstream request failed" } }),
  }),
  "413 of a relay": free({ status: 413, body: "<html><h1>413 Request Entity Too Large</h1></html>" }),
  "500": ours({ status: 500, body: "oops" }),
  "502": ours({ status: 502, body: html }),
  "408": ours({ status: 408 }),
  "425": ours({ status: 425 }),
  "a status outside the grammar": ours({ status: 999 }),
  "302": ours({ status: 302, headers: { location: "https://elsewhere.test" } }),
  "a 200 with an error": ours({ body: anthropicError("api_error", "Internal server error") }),
  "a 200 with an error event": ours({
    body: `event: error\ndata: ${anthropicError("overloaded_error", "Overloaded")}\n\n`,
  }),
  "a 200 of HTML": ours({ headers: { "content-type": "text/html" }, body: html }),
  "an empty 200": ours({ body: "" }),
  "a cut before content": ours({ body: [start, { error: "ECONNRESET" }] }),
  "a clean end before content": ours({ body: [start] }),
  "a cut after content": ours({ body: [...messageEvents.slice(0, 2), { error: "ECONNRESET" }] }),
  "no descriptors": free(network("EMFILE")),
  "no route": free(network("ENETUNREACH")),
  "no resolver": free(network("EAI_AGAIN")),
};
