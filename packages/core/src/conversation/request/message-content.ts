import type { ChatContentPart, ChatTextPart } from "../../protocol/chat.ts";
import type { TurnText } from "./assistant-turn.ts";

type Content = string | ChatContentPart[];

/** Two contents as one: two texts with a blank line between, otherwise parts. The first is not changed. */
export function joinContent(first: Content, second: Content | undefined): Content {
  if (second === undefined || second === "") return first;
  if (typeof first === "string" && typeof second === "string") return `${first}\n\n${second}`;
  return [...asParts(first), ...asParts(second)];
}

/** Contents as one, as `joinContent` joins the last two, the one before them with that, and so on: only texts at the end become one text. */
export function joinAll(contents: readonly (string | readonly ChatContentPart[])[]): Content {
  const textsFrom = contents.findLastIndex((content) => typeof content !== "string") + 1;
  const end = contents
    .slice(textsFrom)
    .filter((content) => typeof content === "string")
    .join("\n\n");
  if (textsFrom === 0) return end;
  const parts: ChatContentPart[] = contents
    .slice(0, textsFrom)
    .flatMap((content) => (typeof content === "string" ? [{ type: "text" as const, text: content }] : content));
  if (end !== "") parts.push({ type: "text", text: end });
  return parts;
}

/** Contents that are joined one by one, as `joinContent` joins two. Copying all parts for each more would take quadratic time. */
export class JoinedContent {
  #text: string | undefined;
  #parts: ChatContentPart[] | undefined;

  constructor(first?: Content) {
    if (typeof first === "string") this.#text = first;
    else if (first !== undefined) this.#parts = [...first];
  }

  add(more: string | readonly ChatContentPart[]): void {
    const isFirst = this.#text === undefined && this.#parts === undefined;
    if (more === "" && !isFirst) return;
    if (typeof more === "string" && this.#parts === undefined) {
      this.#text = isFirst ? more : `${this.#text}\n\n${more}`;
      return;
    }
    this.#parts ??= this.#text === undefined ? [] : [{ type: "text", text: this.#text }];
    if (typeof more === "string") this.#parts.push({ type: "text", text: more });
    else for (const part of more) this.#parts.push(part);
  }

  /** All added content as one; `""`: none. Add nothing afterwards. */
  get content(): Content {
    return this.#parts ?? this.#text ?? "";
  }
}

function asParts(content: Content): readonly ChatContentPart[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** Decides whether a part must stay a part: a string cannot carry a cache mark. */
export function isMarked(part: ChatContentPart): boolean {
  return part.cache_control !== undefined || part.prompt_cache_breakpoint !== undefined;
}

/** Returns an assistant's texts with a blank line between, digests of one stretch on lines of their own; parts where one is marked. */
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
