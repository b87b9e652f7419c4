import {
  ChatStreamTranslator,
  ResponsesStreamTranslator,
  toChatRequest,
  fromChatCompletion,
  fromResponse,
} from "@ccpb/core/translate";
import { many, type LinearCase } from "./linear-case.ts";

type Json = Readonly<Record<string, unknown>>;
type Chunks = readonly unknown[];

const plain = toChatRequest(
  { model: "m", max_tokens: 1, messages: [{ role: "user", content: "q" }] },
  {
    model: "m",
  },
).context;
const stops = many(256, (index) => `${"a".repeat(index)}b${index}`);
const context = { ...plain, thinkTags: true, stopSequences: stops, localStopSequences: stops };

const chat = (delta: Json, more: Json = {}): Json => ({
  id: "c",
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});
const piece = (entry: Json): Json => chat({ tool_calls: [entry] });
const finish = chat({}, { finish_reason: "stop" });
const finishTools = chat({}, { finish_reason: "tool_calls" });

/** Chunks of Chat Completions by what there is much of. */
const chatStreams: Readonly<Record<string, readonly [size: number, make: (size: number) => Chunks]>> = {
  "pieces of text": [16_000, (size) => [...many(size, () => chat({ content: "aaa <thi" })), finish]],
  "tags of thinking": [8_000, (size) => [chat({ content: "<think>a</think>b".repeat(size) }), finish]],
  calls: [
    8_000,
    (size) => [
      ...many(size, (index) => piece({ index, id: `c${index}`, function: { name: "f", arguments: "{}" } })),
      finishTools,
    ],
  ],
  "calls of one id": [
    8_000,
    (size) => [
      ...many(size, (index) => piece({ index, id: "c", function: { name: "f", arguments: "{}" } })),
      finishTools,
    ],
  ],
  "calls without names behind one": [
    8_000,
    (size) => [
      ...many(size, (index) => piece({ index, function: { arguments: "{}" } })),
      ...many(size, (index) => piece({ index, function: { name: "f" } })),
      finishTools,
    ],
  ],
  "pieces of one call": [
    16_000,
    (size) => [
      piece({ index: 0, id: "c", function: { name: "f", arguments: '{"a":"' } }),
      ...many(size, () => piece({ index: 0, function: { arguments: "x" } })),
      piece({ index: 0, function: { arguments: '"}' } }),
      finishTools,
    ],
  ],
  "pieces of one call under new ids": [
    16_000,
    (size) => [
      piece({ index: 0, id: "c", function: { name: "f", arguments: '{"a":"' } }),
      ...many(size, (index) => piece({ index: 0, id: `c${index}`, function: { arguments: "x" } })),
      piece({ index: 0, function: { arguments: '"}' } }),
      finishTools,
    ],
  ],
  "repetitions of a call": [
    8_000,
    (size) => {
      const args = JSON.stringify({ a: "x".repeat(size) });
      return [
        piece({ index: 0, id: "c", function: { name: "f", arguments: args } }),
        ...many(size, () => piece({ index: 0, id: "c", function: { arguments: "{}" } })),
        finishTools,
      ];
    },
  ],
  "blank pieces of arguments": [
    16_000,
    (size) => [
      piece({ index: 0, id: "c", function: { name: "f", arguments: "{" } }),
      ...many(size, () => piece({ index: 0, function: { arguments: " " } })),
      piece({ index: 0, function: { arguments: "}" } }),
      ...many(size, () => piece({ index: 0, function: { arguments: " " } })),
      finishTools,
    ],
  ],
  "text behind a call without a name": [
    16_000,
    (size) => [
      piece({ index: 0, function: { arguments: "{}" } }),
      ...many(size, () => chat({ content: "x" })),
      piece({ index: 0, function: { name: "f" } }),
      finishTools,
    ],
  ],
  "usage in every chunk": [
    8_000,
    (size) => [
      ...many(size, (index) => ({ ...chat({ content: "x" }), usage: { [`k${index}`]: 1, prompt_tokens: 1 } })),
      finish,
    ],
  ],
  "reasoning details": [
    8_000,
    (size) => [
      ...many(size, (index) =>
        chat({ reasoning_details: [{ type: "reasoning.text", index, text: "x", signature: "s" }] }),
      ),
      chat({ content: "y" }),
      finish,
    ],
  ],
};

const item = (index: number, more: Json): Json => ({
  type: "response.output_item.added",
  output_index: index,
  item: more,
});
const message = (index: number): Json => ({
  type: "message",
  id: `m${index}`,
  role: "assistant",
  content: [{ type: "output_text", text: `t${index}` }],
});
const functionCall = (index: number): Json => ({
  type: "function_call",
  id: `i${index}`,
  call_id: `c${index}`,
  name: "f",
  arguments: "{}",
});
const completed = (output: readonly unknown[]): Json => ({
  type: "response.completed",
  response: { id: "r", status: "completed", output },
});
const textDelta = (index: number, more: Json = {}): Json => ({
  type: "response.output_text.delta",
  output_index: index,
  content_index: 0,
  delta: `t${index}`,
  ...more,
});

/** Events of Responses by what there is much of. */
const responsesStreams: Readonly<Record<string, readonly [size: number, make: (size: number) => Chunks]>> = {
  "messages without ids": [
    8_000,
    (size) => [
      ...many(size, (index) => textDelta(index)),
      completed(many(size, (index) => ({ ...message(index), id: undefined }))),
    ],
  ],
  "messages of other texts without ids": [
    8_000,
    (size) => [
      ...many(size, (index) => textDelta(index)),
      completed(many(size, (index) => ({ ...message(-index), id: undefined }))),
    ],
  ],
  "function calls": [
    8_000,
    (size) => [...many(size, (index) => item(index, functionCall(index))), completed(many(size, functionCall))],
  ],
  "function calls under other ids": [
    8_000,
    (size) => [
      ...many(size, (index) => item(index, functionCall(index))),
      completed(many(size, (index) => ({ ...functionCall(index), id: `x${index}` }))),
    ],
  ],
  "pieces of messages in turn": [
    8_000,
    (size) => [
      ...many(size, (index) => textDelta(index % 2_000)),
      ...many(size, (index) => textDelta(index % 2_000, { content_index: 1 })),
      completed([]),
    ],
  ],
  "parts of one message in turn": [
    16_000,
    (size) => [
      ...many(size, (index) => textDelta(0, { content_index: index })),
      ...many(size, (index) => textDelta(0, { content_index: index })),
      completed([]),
    ],
  ],
  "parts that are numbered otherwise": [
    8_000,
    (size) => [
      ...many(size, (index) => textDelta(0, { content_index: index })),
      ...many(size, (index) => ({
        type: "response.output_text.done",
        output_index: 0,
        content_index: -1 - index,
        text: `t${index}`,
      })),
      completed([]),
    ],
  ],
  "ends of one call": [
    8_000,
    (size) => [
      item(0, { ...functionCall(0), arguments: "" }),
      { type: "response.function_call_arguments.delta", output_index: 0, delta: `{"a":"${"x".repeat(size)}` },
      ...many(size, () => ({ type: "response.function_call_arguments.done", output_index: 0, arguments: "{}" })),
      completed([]),
    ],
  ],
  searches: [8_000, (size) => [completed(many(size, (index) => ({ type: "web_search_call", id: `w${index}` })))]],
};

/** Answers of both dialects, as streams and whole. */
export const answerCases: readonly LinearCase[] = [
  ...streamCases("chat stream", chatStreams, () => new ChatStreamTranslator(context)),
  ...streamCases(
    "responses stream",
    responsesStreams,
    () => new ResponsesStreamTranslator({ ...context, dialect: "responses" }),
  ),
  {
    name: "chat answer: calls",
    size: 8_000,
    prepare: (size) => {
      const calls = many(size, () => ({ id: "c", type: "function", function: { name: "f", arguments: "{}" } }));
      const body = {
        id: "x",
        choices: [{ message: { role: "assistant", content: "t", tool_calls: calls }, finish_reason: "tool_calls" }],
      };
      return () => fromChatCompletion(body, context);
    },
  },
  ...["```json\n{} ", '{"a":"\\"', '{"a":[1,', '\\"', "{}", " ,"].map((part) => ({
    name: `chat answer: arguments of ${JSON.stringify(part)}`,
    size: 64_000,
    prepare: (size: number) => {
      const entry = {
        id: "c",
        type: "function",
        function: { name: "f", arguments: part + part.slice(-2).repeat(size) },
      };
      const body = {
        id: "x",
        choices: [{ message: { role: "assistant", tool_calls: [entry] }, finish_reason: "tool_calls" }],
      };
      return () => attempted(() => fromChatCompletion(body, context));
    },
  })),
  {
    name: "responses answer: items",
    size: 8_000,
    prepare: (size) => {
      const body = {
        id: "r",
        status: "completed",
        output: many(size, (index) => [message(index), functionCall(index)]).flat(),
      };
      return () => fromResponse(body, { ...context, dialect: "responses" });
    },
  },
];

function streamCases(
  kind: string,
  streams: typeof chatStreams,
  open: () => ChatStreamTranslator | ResponsesStreamTranslator,
): readonly LinearCase[] {
  return Object.entries(streams).map(([name, [size, make]]) => ({
    name: `${kind}: ${name}`,
    size,
    prepare: (count) => {
      const chunks = make(count).map((chunk) => new TextEncoder().encode(`data: ${JSON.stringify(chunk)}\n\n`));
      return () => {
        const translator = open();
        for (const chunk of chunks) translator.push(chunk);
        translator.end();
      };
    },
  }));
}

/** A broken answer is a failure, and takes no more time than a sound one. */
function attempted(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
