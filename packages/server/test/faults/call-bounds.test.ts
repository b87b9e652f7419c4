import { paced, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import type { ProviderConfig, Transport } from "@ccpb/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { NativeStreamReader } from "../../../core/src/dialects/messages/stream.ts";
import type { ProvidersView } from "../../src/views/providers-view.ts";
import { call, provider, startTestServer, type TestServer } from "../running-server.ts";
import { clientName } from "./client-doors.ts";
import { askServer } from "./fault-bench.ts";

const keys = Array.from({ length: 500 }, (_, index) => `sk-key-number-${String(index).padStart(4, "0")}`);

async function inFlight(server: TestServer): Promise<readonly number[]> {
  const { providers } = (await call(server.url, "/providers")).json() as ProvidersView;
  return providers.map(({ requests }) => requests.in_flight);
}

describe("one call of a client makes at most 12 attempts", () => {
  it.each(
    [401, 402, 403, 429, 500, 529].flatMap((status) =>
      [true, false].map((isOne): [number, boolean] => [status, isOne]),
    ),
  )("when all answer %i; all keys at one provider: %s", async (status, isOne) => {
    const upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(status) });
    const providers: ProviderConfig[] = isOne
      ? [provider("many", upstream.url, { auth: { type: "api_key", keys } })]
      : keys
          .slice(0, 60)
          .map((key, index) => provider(`p${index}`, upstream.url, { auth: { type: "api_key", keys: [key] } }));
    await using server = await startTestServer({ providers });
    const reply = await askServer(server.url, { stream: false });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(upstream.requests.length).toBeGreaterThan(0);
    expect(upstream.requests.length).toBeLessThanOrEqual(12);
    expect(new Set(await inFlight(server))).toEqual(new Set([0]));
    await upstream.close();
  });
});

afterEach(() => void vi.restoreAllMocks());

describe("whatever throws, the attempt ends and its place is free again", () => {
  const onePlace = { maxConcurrent: 1 };

  it.each(["openai", "anthropic"] as const)("a request of 130,000 stop sequences, %s", async (dialect) => {
    const upstream = await startFakeUpstream({ dialect, defaultBehaviour: text("served") });
    await using server = await startTestServer({
      providers: [provider("p", upstream.url, { type: dialect, ...onePlace })],
    });
    const stops = Array.from({ length: 130_000 }, (_, index) => `s${index}`);
    for (let round = 0; round < 3; round += 1)
      await askServer(server.url, { stop_sequences: stops, stream: round === 1 });
    expect(await inFlight(server)).toEqual([0]);
    expect((await askServer(server.url, { stream: false })).status).toBe(200);
    await upstream.close();
  });

  it.runIf(clientName === "messages").each([0, 1, 3])("a reader that throws after %i reads", async (reads) => {
    const upstream = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: paced(text("one two three four five six"), 1),
    });
    await using server = await startTestServer({ providers: [provider("p", upstream.url, onePlace)] });
    const { push } = NativeStreamReader.prototype;
    let count = 0;
    vi.spyOn(NativeStreamReader.prototype, "push").mockImplementation(function (this: NativeStreamReader, chunk) {
      count += 1;
      if (count > reads) throw new RangeError("Maximum call stack size exceeded");
      return push.call(this, chunk);
    });
    await askServer(server.url, { stream: true }).catch((error: unknown) => error);
    expect(count).toBeGreaterThan(reads);
    expect(await inFlight(server)).toEqual([0]);
    vi.restoreAllMocks();
    server.balancer.reset();
    expect((await askServer(server.url, { stream: true })).status).toBe(200);
    await upstream.close();
  });

  it.each([
    [
      "throws",
      () => {
        throw new RangeError("Invalid array length");
      },
    ],
    ["rejects with no error", () => Promise.reject(undefined)],
    ["gives a body that throws", () => Promise.resolve({ status: 200, headers: {}, body: brokenBody() })],
    [
      "gives a body that throws at its first read",
      () =>
        Promise.resolve({
          status: 200,
          headers: {},
          body: {
            [Symbol.asyncIterator]: () => {
              throw new TypeError("no");
            },
          },
        }),
    ],
  ] as [string, () => unknown][])("a transport that %s", async (_name, answer) => {
    // What a transport of one's own may do against its type.
    const transport = answer as Transport;
    const providers = [provider("p", "http://127.0.0.1:9", onePlace)];
    await using server = await startTestServer({ providers }, {}, { transport });
    for (let round = 0; round < 3; round += 1) {
      expect((await askServer(server.url, { stream: true })).status).toBeGreaterThanOrEqual(500);
      server.balancer.reset();
      expect(await inFlight(server)).toEqual([0]);
    }
  });
});

async function* brokenBody(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode("event: x\n");
  throw new RangeError("broken");
}
