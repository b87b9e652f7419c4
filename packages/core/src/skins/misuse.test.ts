import { describe, expect, it } from "vitest";
import { Balancer } from "../balancer/balancer.ts";
import { TransportError, type Transport } from "../base/transport.ts";
import { createFetch, fetchTransport } from "./fetch.ts";
import { respond } from "./respond.ts";
import { send } from "./send.ts";
import { nativeProvider } from "../../test/native-provider.ts";

const question = { model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
const newBalancer = (): Balancer => new Balancer({ providers: [nativeProvider("a"), nativeProvider("b")] });
const body = JSON.stringify({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-opus-5",
  content: [{ type: "text", text: "Hi" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1, output_tokens: 1 },
});
async function* chunks(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(body);
}
const good: Transport = async () => ({ status: 200, headers: { "content-type": "application/json" }, body: chunks() });
const http = {
  method: "POST",
  url: "/v1/messages",
  headers: {},
  body: new TextEncoder().encode(JSON.stringify(question)),
};

const wrongTransports: readonly (readonly [string, unknown, RegExp])[] = [
  ["no transport", undefined, /the transport is missing; pass fetchTransport\(fetch\)/],
  ["fetch itself", fetch, /the transport is fetch itself; pass fetchTransport\(fetch\)/],
  ["an object", { send: good }, /the transport is an object; pass fetchTransport/],
];

describe("a driver that is called wrongly", () => {
  it.each(wrongTransports)(
    "with %s rejects with a TypeError that says what to pass",
    async (_what, transport, message) => {
      const balancer = newBalancer();
      await expect(send(balancer.open(question), transport as Transport)).rejects.toThrow(message);
      await expect(respond(balancer, http, transport as Transport)).rejects.toThrow(message);
      expect(() => createFetch(balancer, transport as Transport)).toThrow(message);
      expect(balancer.status().providers.map(({ inFlight }) => inFlight)).toEqual([0, 0]);
    },
  );

  it("with something else as balancer, call, signal or fetch says what to pass", async () => {
    const balancer = newBalancer();
    expect(() => createFetch(good as never, balancer as never)).toThrow(/pass a balancer: new Balancer\(config\)/);
    await expect(send(question as never, good)).rejects.toThrow(/pass a call: balancer\.open\(request\)/);
    await expect(respond({} as never, http, good)).rejects.toThrow(/pass a balancer/);
    const signal = new AbortController() as never;
    await expect(send(balancer.open(question), good, { signal })).rejects.toThrow(/pass controller\.signal/);
    await expect(respond(balancer, http, good, { signal })).rejects.toThrow(/pass controller\.signal/);
    await expect(respond(balancer, { ...http, headers: new Headers() as never }, good)).rejects.toThrow(/fromEntries/);
    await expect(respond(balancer, { ...http, body: "{}" as never }, good)).rejects.toThrow(/body is a string/);
    await expect(respond(balancer, undefined as never, good)).rejects.toThrow(/\{ method, url, headers, body \}/);
    expect(() => fetchTransport(undefined as never)).toThrow(/fetchTransport: fetch is undefined/);
  });

  it.each<[string, Transport]>([
    ["was answered", good],
    ["failed", async () => ({ status: 503, headers: {}, body: chunks() })],
    ["was refused", async () => ({ status: 400, headers: { "content-type": "application/json" }, body: chunks() })],
  ])("tells a caller whose call %s already to open another, and asks no provider again", async (_what, transport) => {
    const balancer = newBalancer();
    const call = balancer.open(question);
    await send(call, transport).catch(() => undefined);
    const { attemptCount } = call;
    await expect(send(call, transport)).rejects.toThrow(/^send: the call was sent already; open another/);
    await expect(send(call, transport)).rejects.toThrow(TypeError);
    expect(call.attemptCount).toBe(attemptCount);
    expect(balancer.status().providers.map(({ inFlight }) => inFlight)).toEqual([0, 0]);
  });

  it("with a call that is being sent leaves that one alone", async () => {
    const call = newBalancer().open(question);
    const first = send(call, good);
    await expect(send(call, good)).rejects.toThrow(/open another/);
    expect((await first).status).toBe(200);
  });
});

const mistakes: readonly (readonly [string, () => unknown, RegExp])[] = [
  ["calls what is no function", () => (undefined as unknown as () => void)(), /not a function/],
  [
    "reads a name that is not there",
    () => {
      throw new ReferenceError("agent is not defined");
    },
    /agent is not defined/,
  ],
  [
    "resolves with nothing",
    () => undefined,
    /the transport's reply is undefined; resolve with \{ status, headers, body \}/,
  ],
  ["resolves with a Response", () => new Response(body), /headers is a Headers; pass fetchTransport\(fetch\)/],
  ["resolves with no status", () => ({ headers: {}, body: chunks() }), /status is undefined/],
  [
    "resolves with a body of text",
    () => ({ status: 200, headers: {}, body }),
    /body is a string; resolve with an AsyncIterable/,
  ],
  ["resolves with bytes", () => ({ status: 200, headers: {}, body: new Uint8Array() }), /body is an Uint8Array/],
  ["resolves with no body", () => ({ status: 204, headers: {}, body: null }), /body is null/],
  ["calls fetch with something else", () => fetch({ url: "https://a.test" } as never), /URL/i],
];

describe("a transport with a mistake in it", () => {
  it.each(mistakes)(
    "that %s fails the call with that mistake, and charges no provider",
    async (_what, work, message) => {
      const balancer = newBalancer();
      const transport = (async () => work()) as Transport;
      const asked: string[] = [];
      balancer.on("attempt-start", ({ provider: name }) => asked.push(name));
      const error = await send(balancer.open(question), transport).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(String(error)).toMatch(message);
      expect(asked).toEqual(["a"]);
      const status = balancer.status();
      expect(status.providers.map(({ state }) => state)).toEqual(["closed", "closed"]);
      expect(status.providers.map(({ inFlight }) => inFlight)).toEqual([0, 0]);
    },
  );

  it("that throws before it returns a promise is the same", async () => {
    const balancer = newBalancer();
    const transport = (() => (undefined as unknown as () => void)()) as unknown as Transport;
    await expect(send(balancer.open(question), transport)).rejects.toThrow(TypeError);
    expect(balancer.status().providers[0]?.state).toBe("closed");
  });

  it.each([
    ["Node", new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") })],
    ["undici's body", new TypeError("terminated", { cause: new Error("other side closed") })],
    ["Chromium", new TypeError("Failed to fetch")],
    ["Firefox", new TypeError("NetworkError when attempting to fetch resource.")],
    ["Safari", new TypeError("Load failed")],
    ["Deno", new TypeError("error sending request for url (https://a.test/): client error (Connect)")],
    ["workerd", new Error("Network connection lost.")],
    ["Bun", Object.assign(new Error("Unable to connect."), { code: "ConnectionRefused" })],
    ["a transport of one's own", new TransportError("no route")],
  ])("is told from a failure of the network, as %s tells of it", async (_where, failure) => {
    const balancer = newBalancer();
    const transport: Transport = async (request, options) => {
      if (request.url.startsWith("https://a.test")) throw failure;
      return good(request, options);
    };
    expect(await send(balancer.open(question), transport)).toMatchObject({ provider: "b", attempts: 2 });
  });
});
