import { describe, expect, it } from "vitest";
import type { Message, MessageStreamEvent } from "../../src/protocol/anthropic.ts";
import { readNaiveStream } from "./naive-chat.ts";
import { hasShared, recordings, responseBytes, responseText } from "./recordings.ts";
import { readSizes, runStream } from "./stream-run.ts";

const streams = recordings(({ dialect, stream }) => dialect === "openai-chat" && stream);

describe(`recorded chat streams`, () => {
  it("are all there", () => {
    expect(streams.length).toBeGreaterThanOrEqual(hasShared ? 126 : 17);
  });

  describe.each(readSizes)("read %i bytes at a time", (readSize) => {
    it.each(streams.map((recording) => [recording.id, recording] as const))("%s", (_id, recording) => {
      const said = readNaiveStream(responseText(recording));
      const run = runStream(responseBytes(recording), readSize);

      expect(run.problems).toEqual([]);
      expect(contentOf(run.message)).toEqual(said.content.map(comparable));
      if (said.error !== undefined) {
        expect(run.translator.state).toBe("failed");
        expect(errorOf(run.events)).toContain(said.error);
        return;
      }
      expect(run.translator.state).toBe("complete");
      expect(run.message?.model).toBe("claude-test");
      expect(run.message?.id).toMatch(/^msg_/);
      expect(run.message?.stop_reason).toBe(reasonOf(said.finish, said.content));
      expect(run.message?.usage).toMatchObject({
        input_tokens: said.usage?.input ?? 0,
        output_tokens: said.usage?.output ?? 0,
        cache_read_input_tokens: said.usage?.read ?? 0,
        cache_creation_input_tokens: said.usage?.write ?? 0,
      });
    });
  });
});

function contentOf(message: Message | undefined): unknown[] {
  const content: unknown[] = [];
  for (const block of message?.content ?? []) {
    if (block.type === "text") content.push(["text", block.text]);
    if (block.type === "tool_use") content.push(["tool", block.name, block.input]);
    // An empty one only carries encrypted reasoning back to the provider.
    if (block.type === "thinking" && block.thinking !== "") content.push(["thinking", block.thinking]);
  }
  return content;
}

function comparable([kind, text = "", args = ""]: readonly string[]): unknown[] {
  return kind === "tool" ? [kind, text, args.trim() === "" ? {} : JSON.parse(args)] : [kind, text];
}

function reasonOf(finish: string | undefined, content: readonly (readonly string[])[]): string {
  if (finish === "length") return "max_tokens";
  if (finish === "content_filter") return "refusal";
  return content.some(([kind]) => kind === "tool") ? "tool_use" : "end_turn";
}

function errorOf(events: readonly MessageStreamEvent[]): string {
  const last = events.at(-1);
  return last?.type === "error" ? last.error.message : "";
}
