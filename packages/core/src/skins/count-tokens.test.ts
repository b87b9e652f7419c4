import { describe, expect, it } from "vitest";
import { Balancer } from "../balancer/balancer.ts";
import type { BalancerConfig } from "../base/config-types.ts";
import { countTokens, type CountTokensOptions } from "./count-tokens.ts";
import type { Reply } from "../base/reply.ts";
import { respond } from "./respond.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import type { Transport, UpstreamReply } from "../base/transport.ts";

const config: BalancerConfig = {
  providers: [
    {
      name: "one",
      type: "anthropic",
      baseUrl: "https://one.example",
      auth: { type: "api_key", keys: ["k"] },
      bigModel: "passthrough",
      smallModel: "passthrough",
    },
  ],
};
const body = new TextEncoder().encode(
  JSON.stringify({ model: "claude-opus-5", max_tokens: 1, messages: [{ role: "user", content: "Hello there" }] }),
);

const never = <Value>(): Promise<Value> => new Promise(() => undefined);

function answer(chunks: AsyncIterable<Uint8Array>): Promise<UpstreamReply> {
  return Promise.resolve({ status: 200, headers: {}, body: chunks });
}

async function* silence(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('{"input_tokens":');
  await never();
}

/** One byte every 100 ms, without end. */
async function* trickle(clock: VirtualClock): AsyncGenerator<Uint8Array> {
  for (;;) {
    await new Promise<void>((resolve) => void clock.setTimer(100, resolve));
    yield new Uint8Array([0x20]);
  }
}

function lateAnswer(clock: VirtualClock, ms: number): Promise<UpstreamReply> {
  return new Promise((resolve) => {
    clock.setTimer(ms, () => resolve({ status: 200, headers: {}, body: silence() }));
  });
}

const transports: Readonly<Record<string, (clock: VirtualClock) => Transport>> = {
  "never answers and ignores its signal": () => () => never(),
  "fails only when it is aborted":
    () =>
    (_request, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
  "answers, and its body hangs": () => () => answer(silence()),
  "answers, and its body trickles": (clock) => () => answer(trickle(clock)),
  "answers after 1.9 s, and its body hangs": (clock) => () => lateAnswer(clock, 1_900),
  "answers after its deadline": (clock) => () => lateAnswer(clock, 2_500),
  "refuses at once": () => () => Promise.reject(new Error("refused")),
  throws: () => () => {
    throw new Error("thrown");
  },
};

const tokenisers: Readonly<Record<string, CountTokensOptions["countTexts"] | undefined>> = {
  "no tokeniser": undefined,
  "a tokeniser that hangs": () => never(),
  "a tokeniser that fails": () => Promise.reject(new Error("no thread")),
  "a tokeniser that answers": (texts) => Promise.resolve(texts.map(() => 7)),
};

const cases = Object.keys(transports).flatMap((transport) =>
  Object.keys(tokenisers).map((tokeniser) => [transport, tokeniser] as const),
);

async function settledWithin(ms: number, reply: Promise<Reply>, clock: VirtualClock): Promise<Reply | undefined> {
  let settled: Reply | undefined;
  void reply.then((value) => (settled = value));
  await clock.advance(ms);
  return settled;
}

describe("counting tokens answers within 3 s", () => {
  it.each(cases)("when the provider %s, with %s", async (transport, tokeniser) => {
    const clock = new VirtualClock();
    const balancer = new Balancer(config, { clock });
    const countTexts = tokenisers[tokeniser];
    const counting = countTokens(
      balancer,
      { body },
      (transports[transport] as (clock: VirtualClock) => Transport)(clock),
      {
        ...(countTexts && { countTexts }),
      },
    );
    const reply = await settledWithin(2_999, counting, clock);
    expect(reply?.status).toBe(200);
    expect(reply?.headers["x-ccpb-token-count"]).toBe("estimated");
    expect(balancer.status().providers[0]).toMatchObject({ healthy: true, failureCount: 0 });
    await clock.advance(10_000);
    expect(clock.pendingTimers).toBeLessThanOrEqual(transport.endsWith("trickles") ? 1 : 0);
  });

  it.each(Object.keys(transports))("through respond, when the provider %s", async (transport) => {
    const clock = new VirtualClock();
    const balancer = new Balancer(config, { clock });
    const request = { method: "POST", url: "/v1/messages/count_tokens", headers: {}, body };
    const counting = respond(balancer, request, (transports[transport] as (clock: VirtualClock) => Transport)(clock));
    expect((await settledWithin(2_999, counting, clock))?.status).toBe(200);
  });

  it("and passes on the count of a provider that takes less than 2 s", async () => {
    const clock = new VirtualClock();
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('{"input_tokens":42}');
    };
    const transport: Transport = () =>
      new Promise((resolve) => {
        clock.setTimer(1_500, () => resolve({ status: 200, headers: {}, body: counted() }));
      });
    const reply = await settledWithin(1_600, countTokens(new Balancer(config, { clock }), { body }, transport), clock);
    expect(new TextDecoder().decode(reply?.body as Uint8Array)).toBe('{"input_tokens":42}');
  });

  it("rejects at once with the signal's reason when the client leaves, also where the transport ignores its signal", async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const counting = countTokens(new Balancer(config, { clock }), { body }, () => never(), {
      signal: controller.signal,
    });
    const outcome = counting.catch((error: unknown) => error);
    const reason = new Error("left");
    controller.abort(reason);
    await clock.advance(0);
    expect(await Promise.race([outcome, Promise.resolve("pending")])).toBe(reason);
  });
});
