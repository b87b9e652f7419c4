import { Balancer, send } from "@ccpb/core";
import { type BodyFlow, type ByteSink, pour } from "@ccpb/core/internal";
import { VirtualClock } from "@ccpb/core/testing";
import type { Dispatcher } from "undici";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { closing, delta, opening } from "../../../core/test/message-events.ts";
import { ReplyBody } from "./reply-body.ts";

const encoder = new TextEncoder();
type Piece = string | { readonly ending: "end" | "fail" };

/** As undici's parser: it calls back while it parses, stops when it is paused, and goes on amid `resume`. */
class FakeParser {
  readonly body: ReplyBody = new ReplyBody(this.#controller(), () => this.cancel());
  readonly queue: Piece[] = [];
  isParsing = false;
  isOver = false;
  #isPaused = false;

  parse(): void {
    if (this.isParsing) throw new Error("called from within the parser");
    this.isParsing = true;
    try {
      while (!this.#isPaused && !this.isOver && this.queue.length > 0) this.#give(this.queue.shift() as Piece);
    } finally {
      this.isParsing = false;
    }
  }

  cancel(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.body.fail(new Error("no longer wanted"));
  }

  #give(piece: Piece): void {
    if (typeof piece === "string") {
      this.body.push(encoder.encode(piece));
      return;
    }
    this.isOver = true;
    if (piece.ending === "end") this.body.end();
    else this.body.fail(new Error("read ECONNRESET"));
  }

  #controller(): Dispatcher.DispatchController {
    const controller = {
      pause: () => (this.#isPaused = true),
      resume: () => {
        this.#isPaused = false;
        this.parse();
      },
    };
    return controller as unknown as Dispatcher.DispatchController;
  }
}

/** A sink that has enough now and then, and notes what it should never see. */
class Client implements ByteSink {
  readonly #parser: FakeParser;
  text = "";
  endings: string[] = [];
  faults: string[] = [];
  room = 2;
  isPaused = false;
  hasStopped = false;

  constructor(parser: FakeParser) {
    this.#parser = parser;
  }

  write(bytes: Uint8Array): boolean {
    this.#check("write");
    this.text += new TextDecoder().decode(bytes);
    this.room -= 1;
    this.isPaused = this.room <= 0;
    return !this.isPaused;
  }

  end(): void {
    this.#check("end");
    this.endings.push("end");
  }

  fail(error: unknown): void {
    this.#check("fail");
    this.endings.push((error as { readonly code: string }).code);
  }

  #check(what: string): void {
    if (this.isPaused) this.faults.push(`${what} while paused`);
    if (this.hasStopped) this.faults.push(`${what} after a stop`);
    if (this.endings.length > 0) this.faults.push(`${what} after the end`);
    if (this.#parser.isParsing) this.faults.push(`${what} within the parser`);
  }
}

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant("data" as const),
        deltas: fc.integer({ min: 1, max: 4 }),
        cutAt: fc.nat(30_000),
        isBig: fc.boolean(),
        ending: fc.option(fc.constantFrom("end" as const, "fail" as const), { freq: 3 }),
        isWhole: fc.boolean(),
      }),
    },
    { weight: 4, arbitrary: fc.record({ type: fc.constant("resume" as const), room: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant("microtask" as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({ type: fc.constant("time" as const), ms: fc.constantFrom(1, 300, 16_000, 200_000) }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constantFrom("abort" as const, "stop" as const) }) },
  ),
  { maxLength: 40 },
);

type Step = typeof steps extends fc.Arbitrary<readonly (infer Each)[]> ? Each : never;

async function openScene(hangsUp: boolean) {
  const clock = new VirtualClock();
  const provider = { type: "anthropic", baseUrl: "https://a.test", auth: { type: "api_key", keys: ["key-000000"] } };
  const models = { bigModel: "passthrough", smallModel: "passthrough" };
  const config = { providers: [{ ...provider, ...models, name: "a", enabled: true }] };
  const balancer = new Balancer(config as never, { clock, random: () => 0.5 });
  const states: string[] = [];
  balancer.on("call-end", ({ state }) => void states.push(state));
  const parser = new FakeParser();
  const request = { model: "claude-opus-5", max_tokens: 9, stream: true, messages: [{ role: "user", content: "q" }] };
  const userAgent = hangsUp ? "claude-cli/2.1.330 (external, cli)" : "sdk";
  const call = balancer.open(request as never, { headers: { "user-agent": userAgent } });
  const leaving = new AbortController();
  const sent = send(
    call,
    (_request, { signal }) => {
      signal.addEventListener("abort", () => parser.cancel());
      return Promise.resolve({ status: 200, headers: {}, body: parser.body });
    },
    { clock, signal: leaving.signal },
  );
  parser.queue.push(opening + delta("0"));
  parser.parse();
  const stream = (await sent).body as AsyncIterable<Uint8Array>;
  const client = new Client(parser);
  return { clock, states, parser, leaving, client, flow: pour(stream, client) };
}

type Scene = Awaited<ReturnType<typeof openScene>>;

function resume({ client, flow }: Pick<Scene, "client" | "flow">, room: number): void {
  if (!client.isPaused) return;
  client.isPaused = false;
  client.room = room;
  flow.resume();
}

function stop({ client, flow }: { readonly client: Client; readonly flow: BodyFlow }): void {
  client.hasStopped = true;
  flow.stop();
}

/** Plays the upstream and the client; answers all that the upstream has said. */
async function play(scene: Scene, history: readonly Step[]): Promise<string> {
  const { clock, parser, leaving } = scene;
  let said = opening + delta("0");
  let isClosed = false;
  for (const step of history) {
    if (step.type === "data" && !isClosed) {
      const texts = Array.from({ length: step.deltas }, (_, index) =>
        delta(`${index}${"x".repeat(step.isBig ? 30_000 : 0)}`),
      );
      isClosed = step.ending !== null;
      const text = texts.join("") + (isClosed && step.isWhole ? closing : "");
      const cut = step.cutAt % text.length;
      parser.queue.push(...[text.slice(0, cut), text.slice(cut)].filter((piece) => piece !== ""));
      if (step.ending !== null) parser.queue.push({ ending: step.ending });
      said += text;
      parser.parse();
    } else if (step.type === "resume") resume(scene, step.room);
    else if (step.type === "microtask") await Promise.resolve();
    else if (step.type === "time") await clock.advance(step.ms);
    else if (step.type === "abort") leaving.abort();
    else if (step.type === "stop") stop(scene);
  }
  return said;
}

/** Until the client has its end; an upstream that says nothing more runs into its deadline. */
async function playOut(scene: Scene): Promise<void> {
  const { clock, client } = scene;
  for (let turn = 0; turn < 300 && client.endings.length === 0 && !client.hasStopped; turn += 1) {
    await clock.advance(turn > 100 ? 600_000 : 0);
    resume(scene, 3);
  }
  await clock.advance(10_000);
}

test("a poured stream loses nothing, ends once and as it should, whatever parser, clock and client do meanwhile", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (history, hangsUp) => {
      const scene = await openScene(hangsUp);
      const said = await play(scene, history);
      await playOut(scene);
      const { clock, states, parser, client } = scene;
      expect(client.faults).toEqual([]);
      expect(states).toHaveLength(1);
      expect(clock.pendingTimers).toBe(0);
      expect(parser.isOver).toBe(true);
      const content = client.text.replaceAll(/event: (?:ping|error)\n[^\n]*\n\n/g, "");
      expect(said.startsWith(content)).toBe(true);
      if (client.hasStopped) return;
      const isBroken = states[0] === "truncated";
      expect(client.endings).toEqual([isBroken && hangsUp ? "stream_broken" : "end"]);
      expect(client.text.includes("event: error")).toBe(isBroken && !hangsUp);
      if (states[0] === "complete") expect(content).toBe(said);
      // Of an event that was cut nothing is passed on; of what came before it all is.
      if (isBroken && parser.queue.length === 0) expect(content).toBe(said);
    }),
    { numRuns: 1_000 },
  );
});
