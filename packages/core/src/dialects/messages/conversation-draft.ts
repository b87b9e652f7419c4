import type { ByteRange } from "../../bytes/json-walk.ts";
import type { MessagePlace } from "../../bytes/body-places.ts";
import { type Edit, editList } from "../../bytes/edits.ts";

/** Changes of one message; every part that it does not name stays byte for byte. */
export interface MessageDraft {
  readonly place: MessagePlace;
  isKept: boolean;
  /** Indexes of the blocks that go. */
  readonly dropped: Set<number>;
  /** JSON texts of blocks that are put in front of the others, and behind them. */
  readonly before: string[];
  readonly behind: string[];
}

/** Drafts that change nothing. */
export function draftMessages(messages: readonly MessagePlace[]): readonly MessageDraft[] {
  return messages.map((place) => ({ place, isKept: true, dropped: new Set(), before: [], behind: [] }));
}

/**
 * Puts texts behind all that the conversation holds: into the user's last message, or into one of their own.
 *
 * @param inserts - as `conversationEdits` takes them; a message of their own is put there.
 */
export function sayAtEnd(
  texts: readonly string[],
  drafts: readonly MessageDraft[],
  inserts: Map<number, string>,
): void {
  if (texts.length === 0) return;
  const blocks = texts.map((text) => JSON.stringify({ type: "text", text }));
  const last = drafts.findLast(({ isKept }) => isKept);
  if (last?.place.role === "user" && last.place.content !== undefined)
    for (const block of blocks) last.behind.push(block);
  else {
    const turn = `{"role":"user","content":[${blocks.join(",")}]}`;
    const before = inserts.get(drafts.length);
    inserts.set(drafts.length, before === undefined ? turn : `${before},${turn}`);
  }
}

/** Returns the edits that make the drafts true. `list` is the place of the array that holds them, `inserts` what is put in front of which message. */
export function conversationEdits(
  list: ByteRange,
  drafts: readonly MessageDraft[],
  inserts: ReadonlyMap<number, string>,
): readonly Edit[] {
  const elements = drafts.map(({ place }) => place.range);
  return [
    ...editList({ open: list.start + 1, elements, isKept: (index) => drafts[index]?.isKept !== false, inserts }),
    ...drafts.flatMap((draft) => (draft.isKept ? contentEdits(draft) : [])),
  ];
}

function contentEdits({ place, dropped, before, behind }: MessageDraft): readonly Edit[] {
  const { content, blocks } = place;
  if (content === undefined || (dropped.size === 0 && before.length === 0 && behind.length === 0)) return [];
  if (!blocks) {
    // A text becomes the text block that it stands for.
    const opening = ["[", ...before.map((text) => `${text},`), '{"type":"text","text":'].join("");
    const closing = ["}", ...behind.map((text) => `,${text}`), "]"].join("");
    return [
      { start: content.start, end: content.start, text: opening },
      { start: content.end, end: content.end, text: closing },
    ];
  }
  const inserts = new Map<number, string>();
  if (before.length > 0) inserts.set(0, before.join(","));
  if (behind.length > 0) inserts.set(blocks.length, [inserts.get(blocks.length), ...behind].filter(Boolean).join(","));
  return editList({
    open: content.start + 1,
    elements: blocks.map(({ range }) => range),
    isKept: (index) => !dropped.has(index),
    inserts,
  });
}
