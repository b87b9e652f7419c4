import type { RequestListener } from "node:http";
import { anthropicMessage } from "../fixtures/anthropic-answer.ts";
import { askedModel, upstreamModel } from "../fixtures/workloads.ts";
import { type AttackCounts, flood, hold, postAll, type Target } from "./attack.ts";

/** One way to attack a server, with the memory that it may cost. */
export interface Abuse {
  readonly name: string;
  readonly title: string;
  /** The type of the one provider: requests to `openai` are translated. */
  readonly type: "anthropic" | "openai";
  /** The most megabytes that the server may have resident under it. */
  readonly boundMb: number;
  readonly attack: (target: Target) => Promise<AttackCounts>;
}

const liveness = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const mega = 1_000_000;

function body(members: Readonly<Record<string, unknown>>): Uint8Array {
  const messages = [{ role: "user", content: "Hello" }];
  return Buffer.from(JSON.stringify({ model: askedModel, max_tokens: 16, messages, ...members }));
}

function always(members: Readonly<Record<string, unknown>>): () => Uint8Array {
  const bytes = body(members);
  return () => bytes;
}

function list<Item>(length: number, make: (index: number) => Item): Item[] {
  return Array.from({ length }, (_, index) => make(index));
}

function parallelCalls(count: number): unknown[] {
  const calls = list(count, (index) => ({ type: "tool_use", id: `toolu_${index}`, name: "Read", input: { index } }));
  const results = list(count, (index) => ({ type: "tool_result", tool_use_id: `toolu_${index}`, content: "ok" }));
  return [
    { role: "user", content: "Hello" },
    { role: "assistant", content: calls },
    { role: "user", content: results },
  ];
}

function unansweredCalls(count: number): unknown[] {
  const calls = list(count, (index) => ({ type: "tool_use", id: `toolu_${index}`, name: "Read", input: {} }));
  return [
    { role: "user", content: "Hello" },
    { role: "assistant", content: calls },
    { role: "user", content: "Go on" },
  ];
}

function nestedArrays(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

/** Definitions that each name the one before twice: written out, they double with each level. */
function doublingSchema(levels: number): unknown {
  const ref = (level: number) => ({ $ref: `#/$defs/d${level}` });
  const defs = Object.fromEntries(
    list(levels, (level) => [
      `d${level}`,
      level === 0 ? { type: "string" } : { type: "object", properties: { a: ref(level - 1), b: ref(level - 1) } },
    ]),
  );
  return { type: "object", properties: { root: ref(levels - 1) }, $defs: defs };
}

/** Hardening, bounds: what fills memory. */
const bounds: readonly Abuse[] = [
  {
    name: "pipelining",
    title: "four connections that pipeline `GET /` without a key and without end",
    type: "anthropic",
    boundMb: 300,
    attack: (target) => flood(target, 4, Buffer.from(liveness.repeat(2_000))),
  },
  {
    name: "waiting-requests",
    title: "2,000 connections that each pipeline 16 requests and one whose body never comes",
    type: "anthropic",
    boundMb: 500,
    attack: (target) =>
      hold(
        target,
        2_000,
        Buffer.from(
          `${liveness.repeat(16)}POST /v1/messages HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n`,
        ),
      ),
  },
  {
    name: "half-heads",
    title: "6,000 connections (more than `max_connections`) that each send 30 kB of a request's head and stop",
    type: "anthropic",
    boundMb: 700,
    attack: (target) =>
      hold(target, 6_000, Buffer.from(`GET / HTTP/1.1\r\nHost: localhost\r\nx-long: ${"x".repeat(30_000)}`)),
  },
  {
    name: "long-models",
    title: "model names of 25 MB",
    type: "anthropic",
    boundMb: 700,
    attack: (target) => postAll(target, 4, always({ model: `claude-opus-${"x".repeat(25 * mega)}` })),
  },
  {
    name: "many-models",
    title: "a new model name of 500 bytes in each request",
    type: "anthropic",
    boundMb: 300,
    attack: (target) =>
      postAll(target, 8, (index) => body({ model: `claude-opus-${String(index).padStart(488, "m")}` })),
  },
  {
    name: "many-sessions",
    title: "a new session id of 100 kB in each request",
    type: "anthropic",
    boundMb: 400,
    attack: (target) =>
      postAll(target, 8, (index) => {
        const session = `${"s".repeat(100_000)}${index}`;
        return body({ metadata: { user_id: JSON.stringify({ device_id: "d", session_id: session }) } });
      }),
  },
  {
    name: "large-bodies",
    title: "eight bodies of 31 MB at once, over and over",
    type: "anthropic",
    boundMb: 1_000,
    attack: (target) => postAll(target, 8, always({ messages: [{ role: "user", content: "x".repeat(31 * mega) }] })),
  },
];

/** Hardening, time: what stops the event loop. */
const time: readonly Abuse[] = [
  {
    name: "parallel-calls",
    title: "30,000 parallel tool calls in one turn, translated",
    type: "openai",
    boundMb: 700,
    attack: (target) => postAll(target, 1, always({ messages: parallelCalls(30_000) })),
  },
  {
    name: "unanswered-calls",
    title: "60,000 tool calls without results, translated",
    type: "openai",
    boundMb: 700,
    attack: (target) => postAll(target, 1, always({ messages: unansweredCalls(60_000) })),
  },
  {
    name: "system-turns",
    title: "64,000 system turns, translated",
    type: "openai",
    boundMb: 700,
    attack: (target) =>
      postAll(
        target,
        1,
        always({ messages: list(128_000, (index) => ({ role: index % 2 === 0 ? "user" : "system", content: "x" })) }),
      ),
  },
  {
    name: "stop-sequences",
    title: "130,000 stop sequences, translated",
    type: "openai",
    boundMb: 700,
    attack: (target) => postAll(target, 1, always({ stop_sequences: list(130_000, (index) => `stop ${index}`) })),
  },
  {
    name: "deep-arrays",
    title: "arrays 900 deep in a tool's input, translated",
    type: "openai",
    boundMb: 400,
    attack: (target) =>
      postAll(
        target,
        4,
        always({
          messages: [
            { role: "user", content: "Hello" },
            {
              role: "assistant",
              content: [{ type: "tool_use", id: "t", name: "Read", input: { deep: nestedArrays(900) } }],
            },
            { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "ok" }] },
          ],
        }),
      ),
  },
  {
    name: "doubling-schema",
    title: "a tool's schema whose `$ref`s double at each of 18 levels, translated",
    type: "openai",
    boundMb: 700,
    attack: (target) =>
      postAll(target, 1, always({ tools: [{ name: "Read", description: "reads", input_schema: doublingSchema(18) }] })),
  },
  ...hostileAnswers(),
];

/** Texts of errors that made a pattern of ours slow; the upstream picks one by the model that it is asked for. */
const errorTexts: Readonly<Record<string, string>> = {
  "key-like": `eyJ${"-".repeat(120_000)}`,
  fences: "```".repeat(40_000) + " ".repeat(20_000),
  digits: `try again in ${"1".repeat(120_000)}`,
};

function hostileAnswers(): readonly Abuse[] {
  return Object.keys({ "key-like": 0, fences: 0, digits: 0 }).map((name) => ({
    name: `error-${name}`,
    title: `a provider whose 400 holds 120 kB of text made against patterns (${name})`,
    type: "anthropic",
    boundMb: 400,
    attack: (target) => postAll(target, 2, always({ metadata: { user_id: `hostile-${name}` } })),
  }));
}

/** Every abuse, in the order of the page. */
export const abuses: readonly Abuse[] = [...bounds, ...time];

/** A provider that answers at once, and with a hostile error to requests that ask for one. */
export function provider(type: Abuse["type"]): RequestListener {
  const native = Buffer.from(anthropicMessage(upstreamModel, 200).body);
  const message = { role: "assistant", content: "Hello" };
  const chat = Buffer.from(
    JSON.stringify({
      id: "chatcmpl-1",
      object: "chat.completion",
      model: upstreamModel,
      choices: [{ index: 0, message, finish_reason: "stop" }],
      usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 },
    }),
  );
  return (incoming, response) => {
    let head = "";
    incoming.on("data", (chunk: Buffer) => {
      if (head.length < 2_000) head += chunk.subarray(0, 2_000).toString("latin1");
    });
    incoming.once("end", () => {
      const hostile = Object.keys(errorTexts).find((name) => head.includes(`hostile-${name}`));
      response.setHeader("content-type", "application/json");
      if (hostile === undefined) response.writeHead(200).end(type === "anthropic" ? native : chat);
      else {
        const error = { type: "invalid_request_error", message: errorTexts[hostile] };
        response.writeHead(400).end(JSON.stringify({ type: "error", error }));
      }
    });
  };
}
