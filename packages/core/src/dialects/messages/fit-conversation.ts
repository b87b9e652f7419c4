import { isObject, type JsonObject } from "../../base/json.ts";
import type { WarningList } from "../../conversation/request/warning-list.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { MessagesModel } from "../../vendors/claude-models.ts";

type Turns = MessagesRequest["messages"];

/** Holds the properties of the model that decide how a conversation is fitted to it. */
export interface ConversationRules {
  readonly takes: MessagesModel;
  /** The request asks for thinking. */
  readonly isThinking: boolean;
  readonly warnings: WarningList;
}

interface Turn {
  readonly role: string;
  /** Results of tools have to come first in their turn. */
  readonly results: JsonObject[];
  readonly blocks: JsonObject[];
}

/**
 * Makes a conversation one that all models of the Messages API take: no empty or blank text, system turns folded into the user's where the model knows none,
 * turns of one speaker joined, the user's first, and, where the model cannot go on with a message of its own, the user's last.
 */
export function fitConversation(messages: Turns, { takes, isThinking, warnings }: ConversationRules): Turns {
  const turns: Turn[] = [];
  for (const message of messages) {
    const blocks = soundBlocks(message.content);
    if (blocks.length === 0) continue;
    const isFolded = message.role === "system" && !takes.systemTurns;
    if (isFolded)
      add(
        turns,
        "user",
        blocks.map((block) => reminder(block)),
      );
    else add(turns, message.role, blocks);
  }
  if (turns.length === 0) add(turns, "user", [{ type: "text", text: "(This message is empty.)" }]);
  if (turns[0]?.role === "assistant") {
    warnings.add(
      "first_turn_added",
      "a first message of the user's added: the conversation began with the assistant's",
    );
    turns.unshift({
      role: "user",
      results: [],
      blocks: [{ type: "text", text: "(The conversation begins with your message.)" }],
    });
  }
  endWithUser(turns, takes.prefill && !isThinking, warnings);
  return turns.map((turn) => ({
    role: turn.role,
    content: contentOf([...turn.results, ...turn.blocks]),
  })) as unknown as Turns; // the same blocks in joined turns
}

function add(turns: Turn[], role: string, blocks: readonly JsonObject[]): void {
  let last = turns.at(-1);
  if (last?.role !== role) turns.push((last = { role, results: [], blocks: [] }));
  for (const block of blocks) (isResult(block) ? last.results : last.blocks).push(block);
}

function isResult({ type }: JsonObject): boolean {
  return type === "tool_result";
}

/** "messages: text content blocks must be non-empty" and "must contain non-whitespace text". */
function soundBlocks(content: unknown): JsonObject[] {
  if (typeof content === "string") return content.trim() === "" ? [] : [{ type: "text", text: content }];
  const blocks = Array.isArray(content) ? content.filter(isObject) : [];
  return blocks
    .filter(({ type, text }) => type !== "text" || (typeof text === "string" && text.trim() !== ""))
    .map((block) => withSoundName(block));
}

const toolName = /^[A-Za-z0-9_-]{1,200}$/;

/** "tool_use.name: String should match pattern": a model may have called what is no name, and the call stays in the history. */
function withSoundName(block: JsonObject): JsonObject {
  const { type, name } = block;
  if (type !== "tool_use" || typeof name !== "string" || toolName.test(name)) return block;
  return { ...block, name: name.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 200) || "_" };
}

/** Returns the names of the tools that a conversation has called, each once. */
export function calledTools(messages: Turns): readonly string[] {
  const blocks = messages.flatMap(({ content }): unknown[] => (Array.isArray(content) ? content : []));
  const names = blocks.map((block) => (isObject(block) && block["type"] === "tool_use" ? block["name"] : undefined));
  return [...new Set(names.filter((name) => typeof name === "string"))];
}

function reminder(block: JsonObject): JsonObject {
  return block["type"] === "text"
    ? { ...block, text: `<system-reminder>\n${String(block["text"])}\n</system-reminder>` }
    : block;
}

/** Asks a model that cannot go on with its own message to do so nevertheless. */
export const continueWords = "Continue from where your last message ends.";

/** An assistant's message at the end is the beginning of the answer; some models refuse that, and all refuse white space at its end. */
function endWithUser(turns: Turn[], mayPrefill: boolean, warnings: WarningList): void {
  const last = turns.at(-1);
  if (last?.role !== "assistant") return;
  const text = last.blocks.at(-1);
  if (mayPrefill && text?.["type"] === "text") {
    last.blocks[last.blocks.length - 1] = { ...text, text: String(text["text"]).trimEnd() };
    return;
  }
  warnings.add("last_turn_added", "a last message of the user's added: the model cannot go on with its own");
  add(turns, "user", [{ type: "text", text: continueWords }]);
}

/** One plain text as a string, anything else as blocks. */
function contentOf(blocks: readonly JsonObject[]): string | readonly JsonObject[] {
  const [first] = blocks;
  const isPlain = blocks.length === 1 && first?.["type"] === "text" && Object.keys(first).length === 2;
  return isPlain ? String(first["text"]) : blocks;
}
