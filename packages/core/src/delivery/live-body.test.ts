import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closing, delta, opening } from "../../test/message-events.ts";
import { Balancer } from "../balancer/balancer.ts";
import type { CallTrace } from "../base/events.ts";
import { send } from "../skins/send.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { type ChunkTaker, type PullableBody, TransportError } from "../base/transport.ts";
import { type BodyFlow, type ByteSink, pour as pourInto } from "../base/poured-body.ts";

const encoder = new TextEncoder();
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
/** A body that is fed by the test, and hands over what it has at once. */
class FedBody implements PullableBody, AsyncIterator<Uint8Array> {
  readonly #results: ((taker: ChunkTaker) => void)[] = [];
  #taker: ChunkTaker | undefined;
  isCancelled = false;

  [Symbol.asyncIterator](): this {
    return this;
  }

  get isPulled(): boolean {
    return this.#taker !== undefined;
  }

  feed(text: string): void {
    this.#push((taker) => taker.onChunk(encoder.encode(text)));
  }

  end(): void {
    this.#push((taker) => taker.onEnd());
  }

  fail(): void {
    this.#push((taker) => taker.onError(new TransportError("read ECONNRESET")));
  }

  pull(taker: ChunkTaker): void {
    const result = this.#results.shift();
    if (result) result(taker);
    else this.#taker = taker;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    return Promise.reject(new Error("it can be pulled"));
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.isCancelled = true;
    return Promise.resolve({ done: true, value: undefined });
  }

  #push(result: (taker: ChunkTaker) => void): void {
    this.#results.push(result);
    const taker = this.#taker;
    this.#taker = undefined;
    if (taker) this.pull(taker);
  }
}

/** Takes `room` writes before it has enough. */
class Glass implements ByteSink {
  readonly writes: string[] = [];
  room = Number.POSITIVE_INFINITY;
  ended = 0;
  errors: unknown[] = [];

  write(bytes: Uint8Array): boolean {
    this.writes.push(decode(bytes));
    this.room -= 1;
    return this.room > 0;
  }

  end(): void {
    this.ended += 1;
  }

  fail(error: unknown): void {
    this.errors.push(error);
  }

  get text(): string {
    return this.writes.join("");
  }
}

/** A stream whose gate has just opened. */
async function openStream(body: AsyncIterable<Uint8Array> | PullableBody, userAgent = "sdk") {
  const clock = new VirtualClock();
  const provider = { type: "anthropic", baseUrl: "https://a.test", auth: { type: "api_key", keys: ["key-000000"] } };
  const balancer = new Balancer(
    {
      providers: [{ ...provider, name: "a", bigModel: "passthrough", smallModel: "passthrough", enabled: true }],
    } as never,
    { clock, random: () => 0.5 },
  );
  const traces: CallTrace[] = [];
  balancer.on("call-end", (trace) => void traces.push(trace));
  const request = { model: "claude-opus-5", max_tokens: 9, stream: true, messages: [{ role: "user", content: "q" }] };
  const call = balancer.open(request as never, { headers: { "user-agent": userAgent } });
  const stop = new AbortController();
  const transport = () => Promise.resolve({ status: 200, headers: {}, body });
  const reply = await send(call, transport, { clock, signal: stop.signal });
  return { clock, traces, stop, stream: reply.body as AsyncIterable<Uint8Array> };
}

async function pouring(userAgent?: string) {
  const body = new FedBody();
  body.feed(opening + delta("one"));
  const scene = await openStream(body, userAgent);
  const glass = new Glass();
  return { ...scene, body, glass, pour: (): BodyFlow => pourInto(scene.stream, glass) };
}

describe("a stream that is poured", () => {
  it("comes without a promise: each chunk is written when it is fed, and the end follows the last", async () => {
    const { body, glass, traces, pour } = await pouring();
    pour();
    expect(glass.text).toBe(opening + delta("one"));
    body.feed(delta("two"));
    expect(glass.text).toBe(opening + delta("one") + delta("two"));
    body.feed(closing);
    expect(glass.text).toBe(opening + delta("one") + delta("two") + closing);
    expect([glass.ended, glass.errors]).toEqual([1, []]);
    expect(traces).toMatchObject([{ state: "complete" }]);
  });

  it("is not read on while the sink has enough", async () => {
    const { clock, body, glass, pour } = await pouring();
    glass.room = 1;
    const flow = pour();
    expect(body.isPulled).toBe(false);
    body.feed(delta("two"));
    body.feed(delta("three") + closing);
    // A client that is slow is no fault of the upstream's.
    await clock.advance(3_600_000);
    expect(glass.text).toBe(opening + delta("one"));
    glass.room = 1;
    flow.resume();
    expect(glass.text).toBe(opening + delta("one") + delta("two"));
    glass.room = 1;
    flow.resume();
    expect(glass.ended).toBe(0);
    flow.resume();
    expect(glass.text).toBe(opening + delta("one") + delta("two") + delta("three") + closing);
    expect(glass.ended).toBe(1);
    flow.resume();
    expect(glass.ended).toBe(1);
  });

  it("is pinged while its upstream is silent, and ends with an error when it stays so", async () => {
    const { clock, body, glass, traces, pour } = await pouring();
    pour();
    await clock.advance(16_000);
    expect(glass.writes.at(-1)).toMatch(/^event: ping/);
    await clock.advance(3_600_000);
    expect(glass.writes.at(-1)).toMatch(/^event: error/);
    expect(glass.ended).toBe(1);
    expect(body.isCancelled).toBe(true);
    expect(traces).toMatchObject([{ state: "truncated" }]);
  });

  it("that breaks ends with an error event, or fails where the connection is to be aborted", async () => {
    for (const [userAgent, ended] of [
      ["sdk", 1],
      ["claude-cli/2.1.330 (external, cli)", 0],
    ] as const) {
      const { body, glass, pour } = await pouring(userAgent);
      pour();
      body.fail();
      expect(glass.ended).toBe(ended);
      expect(glass.errors).toMatchObject(ended === 1 ? [] : [{ code: "stream_broken" }]);
      expect(glass.text.includes("event: error")).toBe(ended === 1);
    }
  });

  it("ends when its client leaves, and says nothing more to a sink that has stopped it", async () => {
    const left = await pouring();
    left.pour();
    left.stop.abort();
    expect([left.glass.ended, left.body.isCancelled]).toEqual([1, true]);
    expect(left.traces).toMatchObject([{ state: "client_cancelled" }]);
    const stopped = await pouring();
    const flow = stopped.pour();
    flow.stop();
    stopped.body.feed(delta("two"));
    flow.resume();
    expect([stopped.glass.ended, stopped.glass.errors, stopped.body.isCancelled]).toEqual([0, [], true]);
    expect(stopped.glass.text).toBe(opening + delta("one"));
    expect(stopped.traces).toMatchObject([{ state: "client_cancelled" }]);
  });

  it("lets go of its upstream when its client leaves while the sink has enough, and ends when the sink goes on", async () => {
    const { body, glass, stop, traces, pour } = await pouring();
    glass.room = 1;
    const flow = pour();
    stop.abort();
    expect([body.isCancelled, glass.ended]).toEqual([true, 0]);
    expect(traces).toMatchObject([{ state: "client_cancelled" }]);
    flow.resume();
    expect([glass.text, glass.ended]).toEqual([opening + delta("one"), 1]);
  });

  it("takes no notice of a sink that asks for more without having had enough", async () => {
    const waits: number[] = [];
    for (const isEager of [false, true]) {
      const { clock, traces, pour } = await pouring();
      const flow = pour();
      let seconds = 0;
      for (; traces.length === 0 && seconds < 10_000; seconds += 1) {
        await clock.advance(1_000);
        if (isEager) flow.resume();
      }
      waits.push(seconds);
    }
    expect(waits[1]).toBe(waits[0]);
    expect(waits[0]).toBeLessThan(1_000);
  });

  it("is over when the sink throws: the upstream is let go of, and the sink is told", async () => {
    for (const name of ["write", "end"] as const) {
      const { body, glass, traces, pour } = await pouring();
      const fault = new Error("no more");
      pour();
      glass[name] = () => {
        throw fault;
      };
      body.feed(name === "write" ? delta("two") : closing);
      expect(glass.errors).toEqual([fault]);
      expect(body.isCancelled).toBe(name === "write");
      expect(traces).toHaveLength(1);
    }
  });

  it("hears a stop that comes while the next chunk is asked for", async () => {
    const { body, glass, traces, pour } = await pouring();
    glass.room = 1;
    const flow = pour();
    const pull = body.pull.bind(body);
    body.pull = (taker) => {
      flow.stop();
      body.feed(delta("two"));
      pull(taker);
    };
    flow.resume();
    expect(traces).toMatchObject([{ state: "client_cancelled" }]);
    expect(glass.text).toBe(opening + delta("one"));
  });

  it("gives what an iteration gives, however the bytes are cut and however little the sink takes", async () => {
    const bytes = encoder.encode(opening + delta("one") + delta("ü €") + delta("two") + closing);
    const cuts = fc.array(fc.integer({ min: 1, max: bytes.length }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, fc.boolean(), fc.infiniteStream(fc.nat(3)), async (places, isWhole, rooms) => {
        const ends = [...new Set([...places, bytes.length])].toSorted((a, b) => a - b);
        const chunks = ends
          .map((end, index) => bytes.slice(ends[index - 1] ?? 0, end))
          .slice(0, isWhole ? undefined : -1);
        const play = async function* () {
          yield* chunks;
          if (!isWhole) throw new TransportError("read ECONNRESET");
        };
        const iterated = await openStream(play()).catch(() => undefined);
        const poured = await openStream(play()).catch(() => undefined);
        expect(poured === undefined).toBe(iterated === undefined);
        // One that came whole with its first content is no stream any more.
        if (iterated === undefined || poured === undefined || iterated.stream instanceof Uint8Array) return;
        let text = "";
        for await (const chunk of iterated.stream) text += decode(chunk);
        const glass = new Glass();
        const flow = pourInto(poured.stream, glass);
        for (let turn = 0; glass.ended === 0 && turn < 200; turn += 1) {
          await poured.clock.advance(0);
          if (glass.room > 0) continue;
          glass.room = rooms.next().value ?? 1;
          flow.resume();
        }
        expect([glass.text, glass.ended, glass.errors]).toEqual([text, 1, []]);
      }),
      { numRuns: 200 },
    );
  });
});

describe("an upstream of odd manners", () => {
  const never = new Promise<never>(() => undefined);
  const first = { done: false, value: encoder.encode(opening + delta("one")) } as const;

  it.each(["poured", "iterated"])("that aborts the call while it is asked ends it at once (%s)", async (way) => {
    let stop: AbortController | undefined;
    async function* play(): AsyncGenerator<Uint8Array> {
      yield first.value;
      stop?.abort();
      await never;
    }
    const scene = await openStream(play());
    stop = scene.stop;
    const glass = new Glass();
    if (way === "poured") pourInto(scene.stream, glass);
    else
      void (async () => {
        for await (const chunk of scene.stream) glass.write(chunk);
        glass.end();
      })();
    await scene.clock.advance(100);
    expect(glass.ended).toBe(1);
    expect(scene.traces).toMatchObject([{ state: "client_cancelled" }]);
  });

  it("that cannot be cancelled as it should is let go of all the same", async () => {
    const fail = (): never => {
      throw new Error("no");
    };
    for (const leave of [() => ({ done: true, value: undefined }), () => Promise.reject(new Error("no")), fail]) {
      let asked = 0;
      const body = {
        [Symbol.asyncIterator]: () => ({
          next: () => (asked++ === 0 ? Promise.resolve(first) : never),
          return: leave,
        }),
      };
      const { stream, traces } = await openStream(body as never);
      const glass = new Glass();
      glass.room = 1;
      expect(() => pourInto(stream, glass).stop()).not.toThrow();
      expect(traces).toMatchObject([{ state: "client_cancelled" }]);
    }
  });

  it("that throws when it is pulled breaks the stream, or after its end nothing", async () => {
    for (const [rest, ending, state] of [
      [[], /event: error\n.*\n\n$/, "truncated"],
      [[delta("two") + closing], /event: message_stop\n.*\n\n$/, "complete"],
    ] as const) {
      const { clock, body, glass, traces, pour } = await pouring();
      const chunks = [...rest];
      body.pull = (taker) => {
        const chunk = chunks.shift();
        if (chunk === undefined) throw new Error("nothing more");
        taker.onChunk(encoder.encode(chunk));
      };
      pour();
      await clock.advance(10_000);
      expect(glass.text).toMatch(ending);
      expect(glass.ended).toBe(1);
      expect(traces).toMatchObject([{ state }]);
      expect(clock.pendingTimers).toBe(0);
    }
  });
});
