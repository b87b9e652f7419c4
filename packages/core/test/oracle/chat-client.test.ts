import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { ToChatStreamWriter, toChatCompletion } from "../../src/dialects/chat/client-answer.ts";
import type { ClientAnswerContext } from "../../src/dialects/dialect.ts";
import type { Message, MessageStreamEvent } from "../../src/protocol/anthropic.ts";
import { messageToEvents } from "../../src/conversation/answer/message-events.ts";
import { decodeToolId } from "../../src/conversation/ids/tool-ids.ts";
import { readSignature } from "../../src/conversation/ids/signature.ts";
import { MessageAssembler } from "../../src/conversation/answer/message-assembler.ts";
import { SseDecoder } from "../../src/sse/decode.ts";
import { recordings, responseBytes, responseText } from "../contract/recordings.ts";
import { runResponsesStream, contextOf, runStream } from "../contract/stream-run.ts";

const answerContext: ClientAnswerContext = {
  model: "gpt-test",
  includeUsage: true,
  request: {},
  customTools: new Map(),
  id: "chatcmpl-1",
  createdAtMs: 1_700_000_000_123,
};

/** The official SDK reads what we write, and puts the answer together its own way. */
async function sdkCompletion(text: string): Promise<OpenAI.ChatCompletion> {
  const client = new OpenAI({
    apiKey: "unused",
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(text, { headers: { "content-type": "text/event-stream" } })),
  });
  const stream = client.chat.completions.stream({
    model: "gpt-test",
    messages: [{ role: "user", content: "hi" }],
    stream_options: { include_usage: true },
  });
  return stream.finalChatCompletion();
}

function written(events: readonly MessageStreamEvent[], context = answerContext): string {
  return new ToChatStreamWriter(context).push(events);
}

function nativeEvents(bytes: Uint8Array): readonly MessageStreamEvent[] {
  const decoder = new SseDecoder();
  const items = [...decoder.push(bytes), ...decoder.end()];
  return items.flatMap((item) => (item.type === "event" ? [JSON.parse(item.data) as MessageStreamEvent] : []));
}

function assembled(events: readonly MessageStreamEvent[]): Message {
  const assembler = new MessageAssembler();
  for (const event of events) assembler.push(event);
  return assembler.message() as Message;
}

/** What a Chat Completions client can see of a message. */
function visible({ content, usage, stop_reason }: Message) {
  let text = "";
  let last = "";
  for (const block of content) {
    if (block.type === "text" && block.text !== "")
      text += text !== "" && last !== "text" ? `\n\n${block.text}` : block.text;
    if (block.type !== "text" || block.text !== "") last = block.type;
  }
  return {
    text,
    calls: content.flatMap((block) =>
      block.type === "tool_use" ? [[decodeToolId(decodeToolId(block.id)), block.name, block.input]] : [],
    ),
    completion: usage.output_tokens,
    prompt: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
    stop_reason,
  };
}

const finishReasons: Readonly<Record<string, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  pause_turn: "stop",
  max_tokens: "length",
  tool_use: "tool_calls",
  refusal: "content_filter",
  model_context_window_exceeded: "length",
};

/** What lets a provider check its thinking: signatures and data, out of the envelope that our reader of Chat streams puts around them. */
function proofsOf({ content }: Message): readonly unknown[] {
  return content.flatMap((block) => {
    if (block.type === "redacted_thinking") return [block.data];
    if (block.type !== "thinking" || block.signature === "") return [];
    return innermost(block.signature);
  });
}

/** A signature that came from a Chat provider is in an envelope already when our writer puts one around it. */
function innermost(proof: string): readonly unknown[] {
  const origin = readSignature(proof)?.origin;
  const details = origin?.kind === "rd" ? (origin.details as Readonly<Record<string, unknown>>[]) : [];
  const own = details.filter(({ format }) => format === "anthropic-claude-v1");
  if (own.length === 0) return [proof];
  return own.flatMap(({ signature, data }) => (typeof signature === "string" ? innermost(signature) : [data]));
}

function thought(message: Message) {
  const thinking = message.content.flatMap((block) => (block.type === "thinking" ? [block.thinking] : []));
  return { text: thinking.join("").replaceAll("\n\n", ""), proofs: [...new Set(proofsOf(message))] };
}

/** Our own reader of Chat streams understands what we write. */
function judgeReadBack(message: Message, text: string): void {
  const { message: back, problems, translator } = runStream(text, 16_384);
  expect(problems).toEqual([]);
  expect(translator.failure).toBeUndefined();
  const { stop_reason: _, ...expected } = visible(message);
  expect(back && visible(back)).toMatchObject({
    ...expected,
    text: back?.content.some((b) => b.type === "text") ? expected.text : "",
  });
  if (back?.content.some(({ type }) => type === "thinking")) expect(thought(back)).toEqual(thought(message));
}

async function judge(events: readonly MessageStreamEvent[]): Promise<void> {
  const message = assembled(events);
  const expected = visible(message);
  const completion = await sdkCompletion(written(events));
  const [choice] = completion.choices;
  expect(completion).toMatchObject({ id: "chatcmpl-1", model: "gpt-test", created: 1_700_000_000 });
  expect(choice?.message.content ?? "").toBe(expected.text);
  const calls = (choice?.message.tool_calls ?? []).map((call) =>
    call.type === "function" ? [decodeToolId(call.id), call.function.name, JSON.parse(call.function.arguments)] : [],
  );
  expect(calls.slice(0, expected.calls.length)).toEqual(expected.calls);
  const isBareToolUse = expected.stop_reason === "tool_use" && calls.length === 0;
  expect(choice?.finish_reason).toBe(isBareToolUse ? "stop" : finishReasons[String(expected.stop_reason)]);
  judgeReadBack(message, written(events));
  expect(completion.usage).toMatchObject({ completion_tokens: expected.completion, prompt_tokens: expected.prompt });
}

const natives = recordings(
  ({ dialect, stream, status }) => dialect === "anthropic-messages" && stream && status === 200,
);
const others = recordings(({ dialect, stream }) => dialect.startsWith("openai-") && stream);
const wholes = recordings(
  ({ dialect, stream, status }) => dialect === "anthropic-messages" && !stream && status === 200,
);

describe(`recorded Messages streams as Chat`, () => {
  it.each(natives.map((recording) => [recording.id, recording] as const))("%s", async (_id, recording) => {
    const events = nativeEvents(responseBytes(recording));
    if (events.length === 0 || events[0]?.type !== "message_start") return;
    await judge(events);
  });

  it.each(others.map((recording) => [recording.id, recording] as const))("translated: %s", async (_id, recording) => {
    const read = recording.dialect === "openai-chat" ? runStream : runResponsesStream;
    const { events, translator } = read(
      responseBytes(recording),
      16_384,
      contextOf({ serverTools: new Set(["web_search"]) }),
    );
    if (events.length === 0) return;
    if (translator.failure) {
      const text = written(events);
      expect(text).not.toContain("[DONE]");
      await expect(sdkCompletion(text)).rejects.toThrow(OpenAI.APIError);
      return;
    }
    await judge(events);
  });

  it.each(wholes.map((recording) => [recording.id, recording] as const))("whole: %s", async (_id, recording) => {
    const message = JSON.parse(responseText(recording)) as Message;
    if (message.type !== "message") return;
    const events = messageToEvents(message);
    await judge(events);
    const whole = toChatCompletion(message, answerContext);
    const streamed = await sdkCompletion(written(events));
    expect(streamed.usage).toEqual(whole.usage);
    expect(streamed.choices[0]?.message).toMatchObject({ content: whole.choices[0]?.message.content });
  });
});
