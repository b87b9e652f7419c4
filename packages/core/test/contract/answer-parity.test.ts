import { describe, expect, it } from "vitest";
import type { Message } from "../../src/protocol/anthropic.ts";
import { fromChatCompletion } from "../../src/dialects/chat/response.ts";
import { MessageAssembler } from "../../src/conversation/answer/message-assembler.ts";
import { messageToEvents } from "../../src/conversation/answer/message-events.ts";
import type { NaiveBody } from "./naive-chat.ts";
import { recordings, responseBytes, responseText } from "./recordings.ts";
import { contextOf, counted, frame, runStream } from "./stream-run.ts";

const chat = recordings(({ dialect, status }) => dialect === "openai-chat" && status === 200);

/** Texts, thinking, tools and reasons; ids and the form of empty members aside. */
function essence(message: Message | undefined): unknown {
  return [
    message?.stop_reason,
    message?.usage,
    message?.content.map((block) => {
      if (block.type === "text") return ["text", block.text];
      if (block.type === "thinking") return ["thinking", block.thinking, block.signature];
      return block.type === "tool_use" ? ["tool", block.name, block.input] : block;
    }),
  ];
}

describe(`N-31: stream and answer agree`, () => {
  it.each(chat.filter(({ stream }) => !stream).map((recording) => [recording.id, recording] as const))(
    "for %s, streamed token by token as its vendor's chunks would be",
    (_id, recording) => {
      const text = responseText(recording);
      const body = parsed(text);
      const choice = body?.choices?.[0];
      // A refusal alone stops with `refusal` in an answer (N-18) and with `end_turn` in a stream (S-34).
      if (body === undefined || choice?.message === undefined || choice.message.refusal) return;
      const { message } = fromChatCompletion(text, contextOf(), { generateId: counted() });
      const run = runStream(frame([...chunksOf(body), "[DONE]"]), 16_384);
      expect(run.problems).toEqual([]);
      expect(essence(run.message)).toEqual(essence(message));
      expect(essence(runStream(text, 16_384).message)).toEqual(essence(message));
    },
  );

  it.each(chat.filter(({ stream }) => stream).map((recording) => [recording.id, recording] as const))(
    "for %s, collected",
    (_id, recording) => {
      const run = runStream(responseBytes(recording), 7);
      if (run.translator.failure) {
        expect(() => fromChatCompletion(responseText(recording), contextOf())).toThrow();
        return;
      }
      const { message } = fromChatCompletion(responseText(recording), contextOf(), { generateId: counted() });
      expect(essence(message)).toEqual(essence(run.message));
    },
  );
});

const natives = recordings(({ dialect, status }) => dialect === "anthropic-messages" && status === 200);

describe(`native messages, re-framed`, () => {
  it.each(natives.filter(({ stream }) => !stream).map((recording) => [recording.id, recording] as const))(
    "%s comes back the same",
    (_id, recording) => {
      const message = JSON.parse(responseText(recording)) as Message;
      if (message.type !== "message") return;
      const assembler = new MessageAssembler();
      for (const event of messageToEvents(message)) assembler.push(event);
      expect(assembler.isComplete).toBe(true);
      expect(assembler.message()).toEqual(message);
    },
  );
});

function parsed(text: string): NaiveBody | undefined {
  try {
    return JSON.parse(text) as NaiveBody;
  } catch {
    return undefined;
  }
}

function chunksOf(body: NaiveBody): unknown[] {
  const { choices, usage, ...rest } = body;
  const { message, ...choice } = choices?.[0] ?? {};
  const { content, tool_calls: calls, function_call: legacy, ...others } = message ?? {};
  const chunk = (delta: object) => ({
    ...rest,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: null }],
  });
  const texts = typeof content === "string" ? pieces(content) : (content ?? []).map((part) => [part]);
  return [
    chunk({ ...others, content: "" }),
    ...texts.map((text) => chunk({ content: text })),
    ...(calls ?? []).flatMap((call, index) => [
      chunk({ tool_calls: [{ ...call, index, function: { ...call.function, arguments: "" } }] }),
      ...pieces(call.function.arguments ?? "").map((args) =>
        chunk({ tool_calls: [{ index, function: { arguments: args } }] }),
      ),
    ]),
    ...(legacy ? [chunk({ function_call: legacy })] : []),
    { ...rest, object: "chat.completion.chunk", choices: [{ ...choice, delta: {} }] },
    { ...rest, object: "chat.completion.chunk", choices: [], usage },
  ];
}

function pieces(text: string): readonly string[] {
  return text.match(/.{1,5}/gsu) ?? [];
}
