// Measures what an answer costs in each of the nine cells of client and provider. Usage: doors.js [FILTER] (`pnpm bench:doors`).
import { Balancer, type ProviderConfig, type Transport } from "@ccpb/core";
import { respond } from "../../core/src/skins/respond.ts";
import type { AnswerFixture } from "./fixtures/answer.ts";
import { anthropicStream } from "./fixtures/anthropic-answer.ts";
import { chatTextStream } from "./fixtures/chat-answer.ts";
import { responsesTextStream } from "./fixtures/responses-answer.ts";
import { networkChunks } from "./fixtures/network-chunks.ts";

const events = 400;
const answersARound = 25;
const rounds = 24;
const asked = "claude-sonnet-4-5";
const providerModel = "another-model";

const dialects = ["messages", "chat", "responses"] as const;
type Dialect = (typeof dialects)[number];

const answers: Readonly<Record<Dialect, AnswerFixture>> = {
  messages: anthropicStream(providerModel, events),
  chat: chatTextStream(providerModel, events),
  responses: responsesTextStream(providerModel, events),
};
const prompt = { model: asked, stream: true, messages: [{ role: "user", content: "Say something." }] };
const questions: Readonly<Record<Dialect, { readonly url: string; readonly body: object }>> = {
  messages: { url: "/v1/messages", body: { ...prompt, max_tokens: 4_000 } },
  chat: { url: "/v1/chat/completions", body: { ...prompt, stream_options: { include_usage: true } } },
  responses: { url: "/v1/responses", body: { model: asked, stream: true, input: "Say something." } },
};

interface Cell {
  readonly client: Dialect;
  readonly provider: Dialect;
  readonly packing: string;
  /** Asks once and reads the answer to its end. */
  readonly ask: () => Promise<void>;
  /** The shortest round so far: milliseconds of processor time for one answer. */
  ms: number;
}

function providerOf(dialect: Dialect): ProviderConfig {
  const common = { name: "one", bigModel: providerModel, smallModel: providerModel };
  const auth = { type: "api_key" as const, keys: ["key"] };
  return dialect === "messages"
    ? { ...common, auth, type: "anthropic", baseUrl: "https://one.test" }
    : { ...common, auth, type: "openai", baseUrl: "https://one.test/v1", dialect };
}

/** Hands prepared chunks out without a promise for each, as the server's own transport does. */
function transportOf(chunks: readonly Uint8Array[]): Transport {
  const headers = { "content-type": "text/event-stream" };
  return () => {
    let at = 0;
    const body = {
      pull(taker: { onChunk(bytes: Uint8Array): void; onEnd(): void }): void {
        const chunk = chunks[at++];
        if (chunk === undefined) taker.onEnd();
        else taker.onChunk(chunk);
      },
      async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
        yield* chunks;
      },
    };
    return Promise.resolve({ status: 200, headers, body });
  };
}

function cellOf(client: Dialect, provider: Dialect, [packing, atLeast]: readonly [string, number]): Cell {
  const balancer = new Balancer({ providers: [providerOf(provider)] });
  const transport = transportOf(networkChunks(answers[provider], atLeast));
  const { url, body } = questions[client];
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const ask = async (): Promise<void> => {
    const reply = await respond(balancer, { method: "POST", url, headers: {}, body: bytes }, transport);
    let last: Uint8Array = new Uint8Array();
    if (reply.body instanceof Uint8Array) throw new Error(`${client} → ${provider}: no stream`);
    for await (const chunk of reply.body) last = chunk;
    const end = new TextDecoder().decode(last);
    if (reply.status !== 200 || !/message_stop|\[DONE\]|response\.completed/.test(end))
      throw new Error(`${client} → ${provider}: ${reply.status} ${end.slice(-200)}`);
  };
  return { client, provider, packing, ask, ms: Number.POSITIVE_INFINITY };
}

async function measure(cell: Cell): Promise<void> {
  const before = process.cpuUsage();
  for (let count = 0; count < answersARound; count += 1) await cell.ask();
  const { user, system } = process.cpuUsage(before);
  cell.ms = Math.min(cell.ms, (user + system) / 1_000 / answersARound);
}

const packings = [
  ["an event a chunk", 1],
  ["16 kB chunks", 16_384],
] as const;
const filter = new RegExp(process.argv[2] ?? "");
const cells = packings
  .flatMap((packing) => dialects.flatMap((client) => dialects.map((provider) => cellOf(client, provider, packing))))
  .filter(({ client, provider, packing }) => filter.test(`${client} → ${provider}, ${packing}`));

// All cells in turn, many times over: what else the machine does then hits them alike, and the shortest round of each counts.
for (let round = 0; round < rounds; round += 1) for (const cell of cells) await measure(cell);

process.stdout.write("| client → provider | chunks | ms an answer | ratio | to |\n| --- | --- | ---: | ---: | --- |\n");
for (const { client, provider, packing, ms } of cells) {
  const of = (isBase: (cell: Cell) => boolean): number =>
    Math.max(...cells.filter((cell) => cell.packing === packing && isBase(cell)).map((cell) => cell.ms));
  const isSame = client === provider;
  const base = isSame
    ? of((cell) => cell.client === "messages" && cell.provider === "messages")
    : of((cell) => cell.client === "messages" && cell.provider !== "messages");
  const ratio = Number.isFinite(base) ? `${(ms / base).toFixed(2)} ×` : "";
  const to = isSame ? "messages → messages" : "the slower of messages → chat, messages → responses";
  process.stdout.write(`| ${client} → ${provider} | ${packing} | ${ms.toFixed(3)} | ${ratio} | ${to} |\n`);
}
