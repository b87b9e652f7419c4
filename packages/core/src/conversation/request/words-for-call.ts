import { isObject } from "../../base/json.ts";

/**
 * Returns the words that ask for a call which cannot be forced. They stand at the end of the conversation: in the system prompt they would cost the cache, and the
 * newest models of Claude refuse thinking in front of which anything has changed (platform.claude.com, "Prefix checks on thinking blocks").
 *
 * @param name - name of the tool; anything else than a string asks for a call of any tool.
 */
export function wordsForCall(name: unknown): string {
  const which = typeof name === "string" ? `the tool ${JSON.stringify(name)}` : "one of the tools";
  return `Answer by calling ${which}. Do not answer in words alone.`;
}

/** Returns a conversation with a text behind all that the user said last, or as the user's, where another spoke last. The conversation is not changed. */
export function withLastWords(messages: readonly unknown[], text: string): readonly unknown[] {
  const last = messages.at(-1);
  const block = { type: "text", text };
  const content = isObject(last) && last["role"] === "user" ? last["content"] : undefined;
  const blocks: unknown = typeof content === "string" ? [{ type: "text", text: content }] : content;
  if (!isObject(last) || !Array.isArray(blocks)) return [...messages, { role: "user", content: [block] }];
  return [...messages.slice(0, -1), { ...last, content: [...(blocks as readonly unknown[]), block] }];
}
