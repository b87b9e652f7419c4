import {
  Balancer,
  type BalancerSettings,
  type CallTrace,
  type ProviderConfig,
  send,
  type Transport,
  TransportError,
} from "@ccpb/core";
import { type ScriptedReply, type ScriptedRequest, scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { messageEvents } from "./stream-text.ts";

/** A small seeded generator (mulberry32): the same numbers for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function providerNamed(name: string, change: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    name,
    type: "anthropic",
    baseUrl: `https://${name}.test`,
    auth: { type: "api_key", keys: [`${name}-key-0000000000`] },
    bigModel: "passthrough",
    smallModel: "passthrough",
    enabled: true,
    ...change,
  };
}

/** A request as the fake providers see it. */
export interface Asked {
  readonly provider: string;
  readonly text: string;
  readonly login: string | undefined;
  readonly atMs: number;
}

/** What a client asks. `text` tells requests apart. */
export interface Question {
  readonly text: string;
  readonly session?: string;
  readonly login?: string;
  readonly model?: string;
}

/** How a call ended for its client. */
export interface Ending {
  readonly isServed: boolean;
  readonly status: number;
  readonly provider: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly asked: readonly Asked[];
}

/** An answer whose content comes at once and whose end comes after `forMs`. */
export function answerFor(forMs = 0): ScriptedReply {
  const [start, content, end] = messageEvents;
  return { body: forMs === 0 ? [start, content, end] : [start, content, { waitMs: forMs }, end] };
}

export interface WorldOptions {
  readonly providers: readonly ProviderConfig[];
  readonly settings?: Partial<BalancerSettings>;
  readonly seed?: number;
  /** What the provider answers now; `open`: how many of its requests are under way, this one included. */
  readonly answer: (asked: Asked, open: number) => ScriptedReply;
}

/** A balancer in virtual time, driven by the real `send` over providers that answer as a function says. */
export class World {
  readonly clock: VirtualClock = new VirtualClock();
  readonly random: () => number;
  readonly balancer: Balancer;
  readonly asked: Asked[] = [];
  readonly traces: CallTrace[] = [];
  readonly #open = new Map<string, number>();
  readonly #transport: Transport;
  /** The largest number of requests that were under way at once, by provider. */
  readonly most: Map<string, number> = new Map();

  constructor({ providers, settings = {}, seed = 1, answer }: WorldOptions) {
    this.random = seeded(seed);
    this.balancer = new Balancer({ providers, settings }, { clock: this.clock, random: this.random });
    this.balancer.on("call-end", (trace) => void this.traces.push(trace));
    const { transport } = scriptedTransport(this.clock, (request) => {
      const asked = describe(request, this.clock.now());
      this.asked.push(asked);
      const { provider } = asked;
      return answer(asked, this.#open.get(provider) ?? 0);
    });
    this.#transport = (request, options) => this.#counted(transport, [request, options]);
  }

  /** Asks once, reads the whole answer; never rejects. */
  async ask(question: Question): Promise<Ending> {
    const startedAtMs = this.clock.now();
    const from = this.asked.length;
    const { text, session, login, model = "claude-opus-5" } = question;
    const headers = {
      ...(session !== undefined && { "x-claude-code-session-id": session }),
      ...(login !== undefined && { authorization: `Bearer ${login}` }),
    };
    const body = { model, max_tokens: 9, stream: true, messages: [{ role: "user", content: text }] };
    const end = (rest: Pick<Ending, "isServed" | "status" | "provider" | "retryAfterMs">): Ending => ({
      ...rest,
      startedAtMs,
      endedAtMs: this.clock.now(),
      asked: this.asked.slice(from).filter((one) => one.text === text),
    });
    try {
      const reply = await send(this.balancer.open(body, { headers }), this.#transport, { clock: this.clock });
      if (!(reply.body instanceof Uint8Array)) for await (const chunk of reply.body) void chunk;
      const isServed = reply.status === 200;
      return end({ isServed, status: reply.status, provider: reply.provider, retryAfterMs: undefined });
    } catch (error) {
      const { status = 0, retryAfterMs } = error as { status?: number; retryAfterMs?: number };
      return end({ isServed: false, status, provider: undefined, retryAfterMs });
    }
  }

  /** Moves time on until the promise has settled. */
  async until<T>(promise: Promise<T>, stepMs = 250, limitMs = 3_600_000): Promise<T> {
    let isDone = false;
    void promise.finally(() => (isDone = true)).catch(() => undefined);
    await this.clock.advance(0);
    for (let passedMs = 0; !isDone && passedMs < limitMs; passedMs += stepMs) await this.clock.advance(stepMs);
    if (!isDone) throw new Error(`not settled after ${limitMs} ms of virtual time`);
    return promise;
  }

  /** Resolves after `ms` of virtual time. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.setTimer(ms, resolve));
  }

  async #counted(transport: Transport, [request, options]: Parameters<Transport>): ReturnType<Transport> {
    const provider = new URL(request.url).hostname.split(".")[0] as string;
    const open = (this.#open.get(provider) ?? 0) + 1;
    this.#open.set(provider, open);
    this.most.set(provider, Math.max(open, this.most.get(provider) ?? 0));
    const leave = (): void => void this.#open.set(provider, (this.#open.get(provider) ?? 1) - 1);
    try {
      const reply = await transport(request, options);
      return { ...reply, body: counted(reply.body as AsyncIterable<Uint8Array>, leave) };
    } catch (error) {
      leave();
      if (!(error instanceof TransportError) || error.phase !== undefined) throw error;
      throw new TransportError(error.message, { cause: { code: error.message } });
    }
  }
}

/** A provider counts a stream as over when it sends its last event, not when the reader has taken it. */
async function* counted(body: AsyncIterable<Uint8Array>, leave: () => void): AsyncGenerator<Uint8Array> {
  let isOpen = true;
  const leaveOnce = (): void => {
    if (isOpen) leave();
    isOpen = false;
  };
  try {
    for await (const chunk of body) {
      if (new TextDecoder().decode(chunk).includes("message_stop")) leaveOnce();
      yield chunk;
    }
  } finally {
    leaveOnce();
  }
}

function describe({ url, headers, body }: ScriptedRequest, atMs: number): Asked {
  const { messages } = JSON.parse(body) as { messages: readonly [{ content: string }] };
  const provider = new URL(url).hostname.split(".")[0] as string;
  return { provider, text: messages[0].content, login: headers["authorization"], atMs };
}
