import { describe, expect, it } from "vitest";
import { Balancer } from "../balancer/balancer.ts";
import { CcpbError } from "../base/errors.ts";
import { toResponse } from "./fetch.ts";
import { type HttpRequest, respond } from "./respond.ts";
import { scriptedTransport } from "../testing/scripted-transport.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const question = { model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
const answer = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content: [{ type: "text", text: "Hello." }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1, output_tokens: 1 },
};

function stage(reply: { readonly status?: number; readonly body?: string }) {
  const clock = new VirtualClock();
  const { transport, requests } = scriptedTransport(clock, () => reply);
  // No `enabled`: a provider that is configured is meant to be used.
  const balancer = new Balancer(
    {
      providers: [
        {
          name: "月之暗面",
          type: "anthropic",
          baseUrl: "https://one.test",
          auth: { type: "api_key", keys: ["key"] },
          bigModel: "passthrough",
          smallModel: "passthrough",
        },
      ],
    },
    { clock },
  );
  const ask = (request: Partial<HttpRequest> = {}, signal?: AbortSignal) =>
    respond(
      balancer,
      { method: "POST", url: "/v1/messages?beta=true", headers: {}, body: bytes(question), ...request },
      transport,
      { callId: "req_1", ...(signal && { signal }) },
    );
  return { ask, requests, balancer };
}

const json = async (reply: Awaited<ReturnType<typeof respond>>) => (await toResponse(reply).json()) as unknown;

describe("respond", () => {
  it.each(["/v1/messages?beta=true", "http://any.host/proxy/v1/messages?beta=true"])(
    "serves POST %s, query and bytes handed on, and names who served",
    async (url) => {
      const { ask, requests } = stage({ body: JSON.stringify(answer) });
      const reply = await ask({ url });
      expect(reply).toMatchObject({ status: 200, provider: "月之暗面", attempts: 1 });
      expect(reply.headers).toMatchObject({
        "x-ccpb-provider": encodeURIComponent("月之暗面"),
        "x-ccpb-attempts": "1",
      });
      expect(requests[0]?.url).toBe("https://one.test/v1/messages?beta=true");
      expect(await json(reply)).toMatchObject({ content: [{ text: "Hello." }] });
    },
  );

  it("counts tokens", async () => {
    const { ask } = stage({ status: 500 });
    const reply = await ask({ url: "/v1/messages/count_tokens" });
    expect(reply.headers["x-ccpb-token-count"]).toBe("estimated");
    expect(await json(reply)).toMatchObject({ input_tokens: expect.any(Number) });
  });

  it.each([
    ["GET", "/v1/messages"],
    ["POST", "/v1/models"],
    ["POST", "//"],
  ])("answers %s %s with 404, without reading a body", async (method, url) => {
    const { ask } = stage({});
    const body = () => Promise.reject(new Error("it was read"));
    const reply = await ask({ method, url, body });
    expect(reply.status).toBe(404);
    expect(await json(reply)).toMatchObject({ type: "error", error: { type: "not_found_error" }, request_id: "req_1" });
  });

  it("makes replies of the balancer's errors, and of those of the reading of the body", async () => {
    const { ask } = stage({ status: 500 });
    expect((await ask({ body: new Uint8Array() })).status).toBe(400);
    const unserved = await ask();
    expect([unserved.status, unserved.headers["x-ccpb-attempts"]]).toEqual([503, "1"]);
    const tooLarge = new CcpbError("invalid_request", "too large", { status: 413, type: "request_too_large" });
    expect((await ask({ body: () => Promise.reject(tooLarge) })).status).toBe(413);
    await expect(ask({ body: () => Promise.reject(new Error("socket hang up")) })).rejects.toThrow("socket hang up");
  });

  it("rejects with the reason of a client that left", async () => {
    const { ask } = stage({ body: JSON.stringify(answer) });
    await expect(ask({}, AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
  });

  it("takes a provider without `enabled` as enabled", () => {
    const { balancer } = stage({});
    expect(balancer.status()).toMatchObject({
      currentProvider: "月之暗面",
      providers: [{ enabled: true, healthy: true }],
    });
    expect(balancer.explain("claude-opus-5").candidates).toHaveLength(1);
  });
});
