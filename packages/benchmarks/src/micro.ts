// Micro-benchmarks of the parts of core that the workloads lean on. Usage: micro.js [FILTER]; run with --expose-gc (`pnpm bench:micro` does).
import { SseDecoder } from "@ccpb/core/sse";
import { ChatStreamTranslator, ResponsesStreamTranslator, toChatRequest } from "@ccpb/core/translate";
import { createParser } from "eventsource-parser";
import { bench, do_not_optimize, run, summary } from "mitata";
import { rank } from "../../core/src/policy/select.ts";
import type { MessagesRequest } from "../../core/src/protocol/anthropic.ts";
import { NativeStreamReader } from "../../core/src/dialects/messages/stream.ts";
import { EventEncoder } from "../../core/src/sse/encode.ts";
import { weighPrompt } from "../../core/src/tokens/prompt-weight.ts";
import { textTokens } from "../../core/src/tokens/text-tokens.ts";
import { readRequestFacts } from "../../core/src/dialects/messages/request-facts.ts";
import { spliceModel } from "../../core/src/bytes/splice-model.ts";
import type { ClientSettings } from "@ccpb/core/config";
import { ClientAccounts } from "../../server/src/clients/client-accounts.ts";
import { KeyRing } from "../../server/src/http/key-ring.ts";
import type { AnswerFixture } from "./fixtures/answer.ts";
import { anthropicStream } from "./fixtures/anthropic-answer.ts";
import { chatTextStream, chatToolStream } from "./fixtures/chat-answer.ts";
import { responsesTextStream } from "./fixtures/responses-answer.ts";
import { claudeCodeBody, claudeCodeHeaders } from "./fixtures/claude-code-body.ts";
import { networkChunks } from "./fixtures/network-chunks.ts";
import { allocationPerEvent } from "./measure/allocation.ts";

const events = 1_000;
const streams = { tools: chatToolStream("model", events), text: chatTextStream("model", events) };
const native = networkChunks(anthropicStream("model", events), 1_460);
const shape = { bytes: 300_000, stream: true, model: "claude-opus-5-5" };
const body = claudeCodeBody(shape).body;
const parsed = JSON.parse(Buffer.from(body).toString()) as MessagesRequest;
const { context } = toChatRequest(parsed, { model: "model" });

/** eventsource-parser and JSON.parse, nothing else: what translating a stream is measured against. */
function parseAlone(chunks: readonly Uint8Array[]): void {
  const text = new TextDecoder();
  const parser = createParser({ onEvent: ({ data }) => data !== "[DONE]" && do_not_optimize(JSON.parse(data)) });
  for (const chunk of chunks) parser.feed(text.decode(chunk, { stream: true }));
}

type OpenTranslator = () => ChatStreamTranslator | ResponsesStreamTranslator;

function translate(chunks: readonly Uint8Array[], open: OpenTranslator): void {
  const translator = open();
  const encoder = new EventEncoder();
  for (const chunk of chunks) do_not_optimize(encoder.encode(translator.push(chunk)));
  do_not_optimize(encoder.encode(translator.end()));
  if (translator.state !== "complete") throw new Error(`the stream is ${translator.state}`);
}

function watchNative(chunks: readonly Uint8Array[]): void {
  const reader = new NativeStreamReader({ answerModel: "asked" });
  for (const chunk of chunks) do_not_optimize(reader.push(chunk));
  if (reader.state !== "complete") throw new Error(`the stream is ${reader.state}`);
}

function decodeAlone(chunks: readonly Uint8Array[]): void {
  const decoder = new SseDecoder();
  for (const chunk of chunks) do_not_optimize(decoder.push(chunk));
}

function streamBenchmarks(name: string, answer: AnswerFixture, open: OpenTranslator): void {
  // A token a chunk, as a live stream comes, and packed chunks, as a burst does.
  const bySize: [string, readonly Uint8Array[]][] = [
    ["an event a chunk", networkChunks(answer, 1)],
    ["16 kB chunks", networkChunks(answer, 16_384)],
  ];
  for (const [size, chunks] of bySize) {
    summary(() => {
      bench(`${name}, ${size}: parse alone`, () => parseAlone(chunks)).baseline(true);
      bench(`${name}, ${size}: decode`, () => decodeAlone(chunks));
      bench(`${name}, ${size}: translate`, () => translate(chunks, open));
    });
    console.log(`${name}, ${size}, ${events} events, ${answer.body.length} bytes; allocated an event:`);
    console.log(`  parse alone ${allocationPerEvent(() => parseAlone(chunks), events)} bytes`);
    console.log(`  translate   ${allocationPerEvent(() => translate(chunks, open), events)} bytes`);
  }
}

const openChat: OpenTranslator = () => new ChatStreamTranslator(context);
streamBenchmarks("chat stream with tool arguments", streams.tools, openChat);
streamBenchmarks("chat stream with text", streams.text, openChat);
streamBenchmarks(
  "Responses stream with text",
  responsesTextStream("model", events),
  () => new ResponsesStreamTranslator(context),
);

summary(() => {
  const whole = Buffer.concat(native);
  bench("native stream: look for line ends alone", () => {
    let at = 0;
    for (let next = whole.indexOf(10); next !== -1; next = whole.indexOf(10, next + 1)) at = next;
    return at;
  });
  bench("native stream: gate and watch", () => watchNative(native));
});

summary(() => {
  const last = claudeCodeBody({ ...shape, modelAt: "last" }).body;
  bench("300 kB body: JSON.parse", () => do_not_optimize(JSON.parse(Buffer.from(body).toString()))).baseline(true);
  bench("300 kB body: walk", () => do_not_optimize(readRequestFacts(body)));
  bench("300 kB body: walk, model last", () => do_not_optimize(readRequestFacts(last)));
  bench("300 kB body: splice", () => {
    const facts = { start: 9, end: 26 };
    return do_not_optimize(spliceModel(body, [facts], "another-model"));
  });
  bench("300 kB body: parse, translate, stringify", () => {
    const request = JSON.parse(Buffer.from(body).toString()) as MessagesRequest;
    return do_not_optimize(Buffer.from(JSON.stringify(toChatRequest(request, { model: "model" }).body)));
  });
  bench("300 kB body: parse, stringify", () => {
    const request = JSON.parse(Buffer.from(body).toString()) as MessagesRequest;
    return do_not_optimize(Buffer.from(JSON.stringify(request)));
  });
});

summary(() => {
  const large = claudeCodeBody({ ...shape, bytes: 500_000 }).body;
  const request = JSON.parse(Buffer.from(large).toString()) as MessagesRequest;
  bench("500 kB body: JSON.parse", () => do_not_optimize(JSON.parse(Buffer.from(large).toString()))).baseline(true);
  bench("500 kB body: weigh the prompt", () => do_not_optimize(weighPrompt(request, textTokens)));
});

for (const strategy of ["priority", "weighted", "least_latency"] as const) {
  const inputs = Array.from({ length: 8 }, (_, index) => ({
    candidate: { provider: `provider${index}`, keyIndex: 0, model: "model" },
    availability: { type: "closed" } as const,
    lacks: [],
    inFlight: index % 3,
    latencyMs: 100 + index,
  }));
  bench(`selection among 8: ${strategy}`, () =>
    do_not_optimize(rank(inputs, { strategy, random: () => 0.5, turn: 1 })));
}

summary(() => {
  const clients = Array.from({ length: 50 }, (_, index): ClientSettings => {
    const limits = { concurrent: 1_000, requestsPerMinute: 1e9, tokensPerMinute: 1e12 };
    const budgets = [{ per: "month", tokens: 1e15, cost: { USD: 1e9 } }] as const;
    const rest = { role: "client", models: ["*"], providers: ["*"], limits, budgets, priority: 0 } as const;
    return { name: `client${index}`, key: `key-of-client${index}`, ...rest };
  });
  const ring = new KeyRing(
    clients.map((settings) => ({
      caller: { name: settings.name, role: settings.role, settings },
      key: settings.key ?? "",
    })),
  );
  const accounts = new ClientAccounts({ now: Date.now, monotonicNow: () => performance.now(), onBudget: () => {} });
  // Of the length of a key, as `content-type` and `accept` may be.
  const headers = { ...claudeCodeHeaders, "x-app": "none-of-the-keys", "x-api-key": "key-of-client49" };
  const client = ring.callerOf(headers)?.settings;
  if (client === undefined) throw new Error("the key is not known");
  const usage = { calls: 1, input: 1_000, output: 100, cacheRead: 0, cacheWrite: 0, cost: { USD: 4_500_000 } };
  bench("client: find by the key", () => do_not_optimize(ring.callerOf(headers)));
  bench("client: take the key out of the headers", () => do_not_optimize(ring.without(headers)));
  bench("client: admit, count and let go", () => {
    const admission = accounts.admit(client);
    if (admission.type === "refused") throw admission.error;
    accounts.record(client, usage);
    admission.release();
  });
});

const filter = process.argv[2];
await run(filter === undefined ? {} : { filter: new RegExp(filter) });
