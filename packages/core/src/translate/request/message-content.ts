import type { ChatContentPart, ChatTextPart } from "../../protocol/chat.ts";
import type { TurnText } from "./assistant-turn.ts";

type Content = string | ChatContentPart[];

/** Two contents as one: two texts with a blank line between, otherwise parts. The first is not changed. */
export function joinContent(first: Content, second: Content | undefined): Content {
  if (second === undefined || second === "") return first;
  if (typeof first === "string" && typeof second === "string") return `${first}\n\n${second}`;
  return [...asParts(first), ...asParts(second)];
}

function asParts(content: Content): readonly ChatContentPart[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** Whether a part has to stay one: a string cannot carry a cache mark. */
export function isMarked(part: ChatContentPart): boolean {
  return part.cache_control !== undefined || part.prompt_cache_breakpoint !== undefined;
}

/** An assistant's texts with a blank line between, digests of one stretch on lines of their own; parts where one is marked. */
export function assistantText(texts: readonly TurnText[]): string | ChatTextPart[] | undefined {
  if (texts.length === 0) return undefined;
  if (texts.some(({ part }) => isMarked(part))) return texts.map(({ part }) => part);
  let joined = "";
  for (const [index, { part, isDigest }] of texts.entries()) {
    if (index > 0) joined += isDigest && texts[index - 1]?.isDigest === true ? "\n" : "\n\n";
    joined += part.text;
  }
  return joined;
}
