import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { MessageStreamEvent } from "../../src/protocol/anthropic.ts";
import { frame, readSizes, runStream } from "./stream-run.ts";

interface StreamCase {
  readonly id: string;
  readonly title: string;
  readonly chunks?: readonly unknown[];
  readonly raw?: string;
  readonly expect: {
    readonly content?: readonly Record<string, unknown>[];
    readonly content_ignoring_thinking?: readonly Record<string, unknown>[];
    readonly stop_reason?: string;
    readonly usage?: Readonly<Record<string, number>>;
    readonly error?: boolean;
    readonly pre_output?: boolean;
  };
}

const file = new URL("./cases/stream-chat.json", import.meta.url);
const cases = JSON.parse(readFileSync(file, "utf8")) as readonly StreamCase[];

describe.each(readSizes)("chat streams read %i bytes at a time", (readSize) => {
  it.each(cases.map((streamCase) => [streamCase.id, streamCase.title, streamCase] as const))(
    "%s %s",
    (_id, _title, streamCase) => {
      const { expect: wanted } = streamCase;
      const run = runStream(streamCase.raw ?? frame(streamCase.chunks ?? []), readSize);
      const content = blocksOf(run.events);

      if (wanted.pre_output) {
        expect(run.events).toEqual([]);
        expect(run.translator.state).toBe("failed");
        return;
      }
      expect(run.problems).toEqual([]);
      if (wanted.content) expect(content).toEqual(withIds(wanted.content, content));
      if (wanted.content_ignoring_thinking) {
        expect(content.filter((block) => block["type"] !== "thinking")).toEqual(wanted.content_ignoring_thinking);
      }
      if (wanted.error) {
        expect(run.events.at(-1)?.type).toBe("error");
        expect(run.events.some(({ type }) => type === "message_delta" || type === "message_stop")).toBe(false);
        expect(run.translator.state).toBe("failed");
        return;
      }
      expect(run.translator.state).toBe("complete");
      expect(run.message?.stop_reason).toBe(wanted.stop_reason);
      expect(run.message?.usage).toMatchObject(wanted.usage ?? {});
    },
  );
});

it("holds all 76 cases", () => {
  expect(cases).toHaveLength(76);
});

/** The blocks in the words of the cases, read straight off the events: `input_json` where the arguments are not whole. */
function blocksOf(events: readonly MessageStreamEvent[]): Record<string, unknown>[] {
  const blocks: Record<string, string>[] = [];
  for (const event of events) {
    if (event.type === "content_block_start") {
      const block = event.content_block;
      const { type } = block;
      blocks.push(type === "tool_use" ? { type, id: block.id, name: block.name, json: "" } : { type, [type]: "" });
    }
    if (event.type !== "content_block_delta") continue;
    const block = blocks[event.index] ?? {};
    const { delta } = event;
    if (delta.type === "text_delta") block["text"] += delta.text;
    if (delta.type === "thinking_delta") block["thinking"] += delta.thinking;
    if (delta.type === "input_json_delta") block["json"] += delta.partial_json;
  }
  return blocks.map(({ json, ...block }) => {
    if (json === undefined) return block;
    try {
      return { ...block, input: JSON.parse(json === "" ? "{}" : json) as unknown };
    } catch {
      return { ...block, input_json: json };
    }
  });
}

/** `"*"` stands for any id of the right form. */
function withIds(
  wanted: readonly Record<string, unknown>[],
  content: readonly Record<string, unknown>[],
): readonly unknown[] {
  const ids = content.map((block) => block["id"]).filter((id) => id !== undefined);
  expect(new Set(ids).size).toBe(ids.length);
  return wanted.map((block, index) =>
    block["id"] === "*" && /^[A-Za-z0-9_-]+$/.test(String(content[index]?.["id"]))
      ? { ...block, id: content[index]?.["id"] }
      : block,
  );
}
