import type { ByteRange } from "./json-walk.ts";

/** Puts `text` where the bytes from `start` to `end` stand; nothing is removed where both are equal. */
export interface Edit extends ByteRange {
  readonly text: string;
}

const encoder = new TextEncoder();

/** Returns the bytes with all edits made, as parts whose concatenation is the body; what no edit names is the caller's own, not a copy. Edits must not overlap. */
export function applyEdits(body: Uint8Array, edits: readonly Edit[]): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  // Sorting is stable: of insertions at one place the first stays the first, and each goes before what is removed from there on.
  for (const { start, end, text } of edits.toSorted((one, other) => one.start - other.start || one.end - other.end)) {
    if (start > from) parts.push(body.subarray(from, start));
    if (text !== "") parts.push(encoder.encode(text));
    from = end;
  }
  if (from < body.length) parts.push(body.subarray(from));
  return parts;
}

/**
 * Change of a list: its elements (array elements, or members with their keys), those that stay, and insertions before
 * them.
 */
export interface ListChange {
  /** The offset after the opening bracket. */
  readonly open: number;
  readonly elements: readonly ByteRange[];
  readonly isKept: (index: number) => boolean;
  /** JSON text put in front of the element with that index; that of `elements.length` goes to the end. */
  readonly inserts?: ReadonlyMap<number, string>;
}

/** Returns the edits that change a list, commas included. The elements that stay are not touched, so that edits inside them may be made too. */
export function editList({ open, elements, isKept, inserts = new Map() }: ListChange): readonly Edit[] {
  const edits: Edit[] = [];
  const last = elements.findLastIndex((_, index) => isKept(index));
  let lastInsert = -1;
  for (const index of inserts.keys()) lastInsert = Math.max(lastInsert, index);
  let hasKept = false;
  for (let index = 0; index <= elements.length; index += 1) {
    const element = elements[index];
    const before = elements[index - 1];
    const text = inserts.get(index);
    if (text !== undefined) {
      // Behind something that stays the comma goes first; in front of the first that stays it goes last.
      const at = hasKept && before ? before.end : (element?.start ?? before?.end ?? open);
      const isFollowed = last >= index || lastInsert > index;
      edits.push({ start: at, end: at, text: hasKept ? `,${text}` : text + (isFollowed ? "," : "") });
    }
    if (!element) break;
    if (isKept(index)) hasKept = true;
    else if (hasKept && before) edits.push({ start: before.end, end: element.end, text: "" });
    else edits.push({ start: element.start, end: elements[index + 1]?.start ?? element.end, text: "" });
  }
  return edits;
}
