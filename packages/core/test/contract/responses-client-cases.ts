import type { ClientAnswerContext } from "../../src/dialects/dialect.ts";
import type { Message, MessageStreamEvent } from "../../src/protocol/anthropic.ts";
import { messageToEvents } from "../../src/conversation/answer/message-events.ts";

type Members = Readonly<Record<string, unknown>>;

/** What a writer of answers is told; the client's own tools by name. */
export function answerContext(
  customTools: Readonly<Record<string, Members>> = {},
  request: Members = {},
): ClientAnswerContext {
  return {
    model: "gpt-test",
    includeUsage: false,
    request: { model: "gpt-test", input: "hi", ...request },
    customTools: new Map(Object.entries(customTools)),
    id: "resp_test",
    createdAtMs: 1_700_000_000_000,
    now: () => 1_700_000_004_000,
  };
}

/** A whole Messages answer. */
export function answerMessage(content: readonly Members[], more: Members = {}): Message {
  const message = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-test",
    content,
    stop_reason: content.some(({ type }) => type === "tool_use") ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage: {
      input_tokens: 10,
      output_tokens: 20,
      cache_read_input_tokens: 5,
      cache_creation_input_tokens: 3,
      output_tokens_details: { thinking_tokens: 7 },
    },
    ...more,
  };
  return message as unknown as Message;
}

const text = (value: string): Members => ({ type: "text", text: value });
const call = (name: string, input: Members, id = `toolu_${name}`): Members => ({ type: "tool_use", id, name, input });
const thinking = { type: "thinking", thinking: "Let me think.\n\nYes.", signature: "c2lnbmF0dXJl" };

const cited = {
  type: "text",
  text: "Paris is the capital.",
  citations: [
    {
      type: "web_search_result_location",
      url: "https://example.com/a",
      title: "A",
      cited_text: "Paris",
      encrypted_index: "e",
    },
  ],
};

const search: readonly Members[] = [
  { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "capital of France" } },
  {
    type: "web_search_tool_result",
    tool_use_id: "srvtoolu_1",
    content: [
      { type: "web_search_result", url: "https://example.com/a", title: "A", encrypted_content: "x", page_age: null },
    ],
  },
];

/** Tools of every form in which a call goes back to its client. */
export const clientTools: Readonly<Record<string, Members>> = {
  apply_patch_text: {
    type: "custom",
    name: "apply_patch_text",
    format: { type: "grammar", syntax: "lark", definition: "start: X" },
  },
  local_shell: { type: "local_shell" },
  shell: { type: "shell", environment: { type: "local" } },
  apply_patch: { type: "apply_patch" },
  tool_search: { type: "tool_search", execution: "client" },
  mcp__git__log: { type: "function", name: "log", namespace: "mcp__git__" },
};

/** Answers of every kind by name. */
export const answers: Readonly<Record<string, Message>> = {
  text: answerMessage([text("Hello, 世界 👩‍👩‍👧!")]),
  "two texts": answerMessage([text("one "), text("two")]),
  "nothing at all": answerMessage([]),
  "an empty text": answerMessage([text("")]),
  "thinking and text": answerMessage([thinking, text("Done.")]),
  "hidden thinking": answerMessage([
    { type: "thinking", thinking: "", signature: "c2ln" },
    { type: "redacted_thinking", data: "b3BhcXVl" },
    text("Done."),
  ]),
  "a call": answerMessage([call("get_weather", { location: "San Francisco, CA" })]),
  "calls with thinking and text": answerMessage([
    thinking,
    text("I look."),
    call("a", { x: [1, { y: "é" }] }),
    call("b", {}),
  ]),
  "text behind a call": answerMessage([call("a", {}), text("There.")]),
  "every form of call": answerMessage([
    call("apply_patch_text", { input: '*** Begin Patch\n+ "x"\n*** End Patch' }),
    call("local_shell", { command: ["ls", "-l"], working_directory: "/tmp" }),
    call("shell", { commands: ["ls"], timeout_ms: 1000 }),
    call("apply_patch", { type: "create_file", path: "a.txt", diff: "+a" }),
    call("tool_search", { query: "mail" }),
    call("mcp__git__log", { n: 1 }),
  ]),
  "a search with citations": answerMessage([...search, cited, text(" And more.")]),
  "an answer cut at the limit": answerMessage([text("Once upon")], { stop_reason: "max_tokens" }),
  "a full context window": answerMessage([text("Once upon")], { stop_reason: "model_context_window_exceeded" }),
  "a refusal": answerMessage([text("I")], {
    stop_reason: "refusal",
    stop_details: { type: "refusal", category: null, explanation: "No." },
  }),
  "a silent refusal": answerMessage([], { stop_reason: "refusal" }),
  "a paused turn": answerMessage([...search], { stop_reason: "pause_turn" }),
  "a stop sequence": answerMessage([text("a")], { stop_reason: "stop_sequence", stop_sequence: "b" }),
};

/** The same answers as streams, whose blocks come in pieces. */
export function answerEvents(): readonly (readonly [string, readonly MessageStreamEvent[], ClientAnswerContext])[] {
  return Object.entries(answers).map(([name, message]) => [
    name,
    messageToEvents(message).flatMap(inPieces),
    answerContext(clientTools),
  ]);
}

function inPieces(event: MessageStreamEvent): readonly MessageStreamEvent[] {
  if (event.type !== "content_block_delta") return [event];
  const { delta, index } = event;
  const member =
    delta.type === "text_delta"
      ? "text"
      : delta.type === "thinking_delta"
        ? "thinking"
        : delta.type === "input_json_delta"
          ? "partial_json"
          : undefined;
  const whole = member === undefined ? undefined : (delta as unknown as Readonly<Record<string, string>>)[member];
  if (member === undefined || whole === undefined) return [event];
  const pieces = Array.from({ length: Math.ceil(whole.length / 3) }, (_, at) => whole.slice(at * 3, at * 3 + 3));
  return pieces.map(
    (piece) => ({ type: "content_block_delta", index, delta: { ...delta, [member]: piece } }) as MessageStreamEvent,
  );
}
