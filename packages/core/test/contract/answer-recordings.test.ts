import { describe, expect, it } from "vitest";
import { CcpbError } from "../../src/base/errors.ts";
import type { Message } from "../../src/protocol/anthropic.ts";
import { fromChatCompletion } from "../../src/dialects/chat/response.ts";
import { messageToEvents } from "../../src/conversation/answer/message-events.ts";
import { MessageStreamChecker } from "../../src/conversation/answer/grammar.ts";
import { readNaiveAnswer, type NaiveBody } from "./naive-chat.ts";
import { recordings, responseText } from "./recordings.ts";
import { contextOf, counted } from "./stream-run.ts";

const answers = recordings(({ dialect, stream, status }) => dialect === "openai-chat" && !stream && status === 200);

describe(`recorded chat answers`, () => {
  it.each(answers.map((recording) => [recording.id, recording] as const))("%s", (_id, recording) => {
    const text = responseText(recording);
    const translate = () => fromChatCompletion(text, contextOf(), { generateId: counted() });
    const body = parsed(text);
    if (body?.choices?.[0] === undefined) {
      expect(translate).toThrow(CcpbError);
      return;
    }
    const said = readNaiveAnswer(body);
    const { message } = translate();

    expect(contentOf(message)).toEqual(inOrder(said.content).map(comparable));
    expect(message).toMatchObject({ type: "message", role: "assistant", model: "claude-test", stop_sequence: null });
    expect(message.id).toMatch(/^msg_/);
    expect(message.stop_reason).toBe(reasonOf(said.finish, said.content, body));
    expect(message.usage).toMatchObject({
      input_tokens: said.usage?.input ?? 0,
      output_tokens: said.usage?.output ?? 0,
      cache_read_input_tokens: said.usage?.read ?? 0,
      cache_creation_input_tokens: said.usage?.write ?? 0,
    });
    const checker = new MessageStreamChecker();
    for (const event of messageToEvents(message)) checker.push(event);
    expect(checker.end()).toEqual([]);
  });
});

function parsed(text: string): NaiveBody | undefined {
  try {
    return JSON.parse(text) as NaiveBody;
  } catch {
    return undefined;
  }
}

/** A whole answer begins with its thinking, wherever the vendor put it. */
function inOrder(content: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return [...content.filter(([kind]) => kind === "thinking"), ...content.filter(([kind]) => kind !== "thinking")];
}

function contentOf(message: Message): unknown[] {
  return message.content
    .filter((block) => block.type !== "thinking" || block.thinking !== "")
    .map((block) => {
      if (block.type === "text") return ["text", block.text];
      if (block.type === "tool_use") return ["tool", block.name, block.input];
      return ["thinking", block.type === "thinking" ? block.thinking : ""];
    });
}

function comparable([kind, text = "", args = ""]: readonly string[]): unknown[] {
  return kind === "tool" ? [kind, text, args.trim() === "" ? {} : JSON.parse(args)] : [kind, text];
}

function reasonOf(finish: string | undefined, content: readonly (readonly string[])[], body: NaiveBody): string {
  if (finish === "length") return "max_tokens";
  if (finish === "content_filter" || /"refusal":\s*"[^"]/.test(JSON.stringify(body))) return "refusal";
  return content.some(([kind]) => kind === "tool") ? "tool_use" : "end_turn";
}
