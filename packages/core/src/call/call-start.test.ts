import { describe, expect, it } from "vitest";
import type { BalancerEvents, CallTrace } from "../base/events.ts";
import { Balancer } from "../balancer/balancer.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import type { RawRequest } from "../dialects/messages/raw-request.ts";

const config = {
  providers: [
    {
      name: "only",
      type: "anthropic",
      baseUrl: "https://api.anthropic.com",
      auth: { type: "api_key", keys: ["k"] },
      bigModel: "passthrough",
      smallModel: "passthrough",
      enabled: true,
    },
  ],
} as const;

function told(headers: Record<string, string>, body: Record<string, unknown> = {}) {
  const balancer = new Balancer(config, { clock: new VirtualClock() });
  const starts: BalancerEvents["call-start"][] = [];
  const contents: BalancerEvents["content-start"][] = [];
  const ends: CallTrace[] = [];
  balancer.on("call-start", (start) => starts.push(start));
  balancer.on("content-start", (start) => contents.push(start));
  balancer.on("call-end", (trace) => ends.push(trace));
  const messages = [{ role: "user", content: "Hello" }];
  const text = JSON.stringify({ model: "claude-opus-5", max_tokens: 9, stream: true, messages, ...body });
  const request: RawRequest = { body: [new TextEncoder().encode(text)], headers };
  const attempt = balancer.open(request, { callId: "c", client: "alice" }).next();
  attempt?.report({ type: "response", status: 200, headers: {} });
  const before = contents.length;
  attempt?.report({ type: "content" });
  attempt?.report({ type: "complete" });
  return { start: starts[0], end: ends[0], before, contents };
}

const userId = JSON.stringify({ device_id: "d", account_uuid: "", session_id: "5e55" });

describe("the events of a call", () => {
  it.each([
    [{ "x-claude-code-session-id": "5e55" }, {}, "5e55"],
    [{ session_id: "5e55" }, {}, "5e55"],
    [{}, { metadata: { user_id: userId } }, "5e55"],
    [{}, { metadata: { user_id: "user_ab_account__session_5e55" } }, "5e55"],
    [{}, {}, undefined],
    // An event is kept for longer than its request: it keeps nothing that a client made long.
    [{ "x-claude-code-session-id": "s".repeat(257) }, {}, undefined],
  ])("name the session of %j with %j: %s", (headers, body, sessionId) => {
    const { start, end } = told(headers, body);
    expect([start?.sessionId, end?.sessionId]).toEqual([sessionId, sessionId]);
    expect([start?.client, end?.client]).toEqual(["alice", "alice"]);
  });

  it("say whether a subagent asks", () => {
    const { start, end } = told({ "x-claude-code-agent-id": "a" });
    expect([start?.isSubagent, end?.isSubagent]).toEqual([true, true]);
    expect("isSubagent" in (told({}).start ?? {})).toBe(false);
  });

  it("tell of the first content once, when it comes", () => {
    const { before, contents } = told({});
    expect([before, contents]).toEqual([0, [{ callId: "c", number: 1, firstContentMs: 0 }]]);
  });
});
