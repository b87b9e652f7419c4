import { recordings, responseBytes } from "../contract/recordings.ts";

export type FuzzDialect = "native" | "chat" | "responses";

/** The body of a healthy answer, or of one that a vendor once gave. */
export interface FuzzBody {
  readonly id: string;
  readonly dialect: FuzzDialect;
  readonly stream: boolean;
  readonly bytes: Uint8Array;
}

interface FuzzEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

const encoder = new TextEncoder();
// Larger ones show nothing that smaller ones do not, and take the time of a hundred.
const maxBytes = 20_000;
const args = '{"path":"./build","lines":[1,22,333],"force":true,"note":"你好 \\"quoted\\" 👩‍👩‍👧"}';

/** Our own answers, and the recordings where they stand beside the repository. */
export function corpus(): readonly FuzzBody[] {
  return [...own(), ...recorded()].filter(({ bytes }) => bytes.length > 0 && bytes.length <= maxBytes);
}

function recorded(): readonly FuzzBody[] {
  const dialects: Readonly<Record<string, FuzzDialect>> = {
    "anthropic-messages": "native",
    "openai-chat": "chat",
    "openai-responses": "responses",
  };
  return recordings(({ dialect, status }) => status === 200 && dialect in dialects).map((recording) => ({
    id: recording.id,
    dialect: dialects[recording.dialect] as FuzzDialect,
    stream: recording.stream,
    bytes: new Uint8Array(responseBytes(recording)), // no Buffer, whose slices are views
  }));
}

function own(): readonly FuzzBody[] {
  const body = (id: string, dialect: FuzzDialect, stream: boolean, text: string): FuzzBody => ({
    id,
    dialect,
    stream,
    bytes: encoder.encode(text),
  });
  return [
    body("own/native-stream", "native", true, named(nativeEvents())),
    body("own/native-whole", "native", false, JSON.stringify(nativeMessage)),
    body("own/chat-stream", "chat", true, `${chatChunks().map(data).join("")}data: [DONE]\n\n`),
    body("own/chat-stream-crlf", "chat", true, chatChunks().map(data).join("").replaceAll("\n", "\r\n")),
    body("own/chat-whole", "chat", false, JSON.stringify(chatAnswer("tool_calls"), null, 1)),
    body("own/chat-whole-length", "chat", false, JSON.stringify(chatAnswer("length"))),
    body("own/responses-stream", "responses", true, named(responsesEvents())),
    body("own/responses-whole", "responses", false, JSON.stringify(responsesAnswer)),
  ];
}

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const named = (events: readonly FuzzEvent[]): string =>
  events.map((event) => `event: ${event.type}\n${data(event)}`).join("");

const nativeMessage = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content: [
    { type: "text", text: "Let me look. 你好" },
    { type: "tool_use", id: "toolu_1", name: "edit", input: JSON.parse(args) as unknown },
  ],
  stop_reason: "tool_use",
  stop_sequence: null,
  usage: { input_tokens: 10, output_tokens: 20 },
};

function pieces(text: string): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / 6) }, (_, at) => text.slice(at * 6, at * 6 + 6));
}

function nativeEvents(): readonly FuzzEvent[] {
  return [
    { type: "message_start", message: { ...nativeMessage, content: [], stop_reason: null } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "ping" },
    ...pieces("Let me look. 你好").map((text) => ({
      type: "content_block_delta",
      index: 0,
      delta: { type: "text_delta", text },
    })),
    { type: "content_block_stop", index: 0 },
    { type: "content_block_start", index: 1, content_block: { type: "tool_use", id: "t", name: "edit", input: {} } },
    ...pieces(args).map((json) => ({
      type: "content_block_delta",
      index: 1,
      delta: { type: "input_json_delta", partial_json: json },
    })),
    { type: "content_block_stop", index: 1 },
    {
      type: "message_delta",
      delta: { stop_reason: "tool_use", stop_sequence: null },
      usage: { output_tokens: 20 },
    },
    { type: "message_stop" },
  ];
}

function chatChunks(): readonly unknown[] {
  const chunk = (delta: object, finish: string | null = null) => ({
    id: "chatcmpl-1",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const call = (index: number, called: object, more: object = {}) =>
    chunk({ tool_calls: [{ index, ...more, function: called }] });
  return [
    chunk({ role: "assistant", content: "" }),
    ...pieces("I think so. 你好").map((text) => chunk({ reasoning_content: text })),
    ...pieces("Let me look. 👩‍👩‍👧").map((text) => chunk({ content: text })),
    ...[0, 1].flatMap((index) => [
      call(index, { name: "edit", arguments: "" }, { id: `call_${index}`, type: "function" }),
      ...pieces(args).map((json) => call(index, { arguments: json })),
    ]),
    { ...chunk({}, "tool_calls"), usage: { prompt_tokens: 10, completion_tokens: 20 } },
  ];
}

function chatAnswer(finish: string): object {
  const call = (id: string) => ({ id, type: "function", function: { name: "edit", arguments: args } });
  const message = { role: "assistant", content: "Let me look.", tool_calls: [call("call_0"), call("call_1")] };
  return { id: "c", choices: [{ index: 0, message, finish_reason: finish }], usage: { prompt_tokens: 10 } };
}

const callItem = { type: "function_call", id: "fc_1", call_id: "call_1", name: "edit", arguments: args };
const messageItem = { type: "message", id: "m_1", content: [{ type: "output_text", text: "Let me look. 你好" }] };
const responsesAnswer = {
  id: "resp_1",
  status: "completed",
  output: [messageItem, callItem],
  usage: { input_tokens: 10, output_tokens: 20 },
};

function responsesEvents(): readonly FuzzEvent[] {
  const place = { output_index: 1, item_id: "fc_1" };
  return [
    { type: "response.created", response: { id: "resp_1", status: "in_progress", output: [] } },
    { type: "response.output_item.added", output_index: 0, item: { ...messageItem, content: [] } },
    ...pieces("Let me look. 你好").map((delta) => ({
      type: "response.output_text.delta",
      output_index: 0,
      item_id: "m_1",
      content_index: 0,
      delta,
    })),
    { type: "response.output_item.done", output_index: 0, item: messageItem },
    { type: "response.output_item.added", output_index: 1, item: { ...callItem, arguments: "" } },
    ...pieces(args).map((delta) => ({ type: "response.function_call_arguments.delta", ...place, delta })),
    { type: "response.function_call_arguments.done", ...place, arguments: args },
    { type: "response.output_item.done", output_index: 1, item: callItem },
    { type: "response.completed", response: responsesAnswer },
  ];
}
