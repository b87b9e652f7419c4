import type { BlockPlace } from "../../bytes/body-places.ts";
import type { Edit } from "../../bytes/edits.ts";
import { lastMember, textAt } from "../../bytes/json-places.ts";
import type { MessageDraft } from "./conversation-draft.ts";

const longestId = 64; // of what Anthropic's API takes

/**
 * Returns the edits that give each tool call of a history an id of its own, and each result the id of the call that it answers. Histories hold an id twice where
 * an upstream numbered the calls of each answer (`call_0`) and another proxy passed them on; Anthropic's API refuses them: "`tool_use` ids must be unique".
 * The first call keeps its id, so that the same history gives the same bytes in every request.
 */
export function doubledIdEdits(body: Uint8Array, drafts: readonly MessageDraft[]): readonly Edit[] {
  const blocks = drafts.flatMap(keptBlocks);
  const taken = new Set(blocks.flatMap((block) => (isCall(block) ? [idOf(body, block, "id")] : [])));
  const seen = new Map<string, Calls>();
  const edits: Edit[] = [];
  for (const block of blocks) {
    const member = isCall(block) ? "id" : "tool_use_id";
    const id = isCall(block) || block.type === "tool_result" ? idOf(body, block, member) : undefined;
    if (id === undefined) continue;
    const calls = seen.get(id) ?? { count: 0, waiting: [], last: id };
    seen.set(id, calls);
    const wanted = isCall(block) ? nextId(id, calls, taken) : (calls.waiting.shift() ?? calls.last);
    const place = lastMember(block.members, member)?.value;
    if (wanted !== id && place) edits.push({ ...place, text: JSON.stringify(wanted) });
  }
  return edits;
}

/** The calls of one id so far. */
interface Calls {
  count: number;
  /** The ids of those without a result. */
  readonly waiting: string[];
  last: string;
}

function nextId(id: string, calls: Calls, taken: Set<string | undefined>): string {
  let wanted = id;
  calls.count += 1;
  while (calls.count > 1 && taken.has(wanted)) {
    const suffix = `_${calls.count}`;
    wanted = id.slice(0, longestId - suffix.length) + suffix;
    if (taken.has(wanted)) calls.count += 1;
  }
  taken.add(wanted);
  calls.waiting.push(wanted);
  calls.last = wanted;
  return wanted;
}

function keptBlocks({ place, isKept, dropped }: MessageDraft): readonly BlockPlace[] {
  return isKept ? (place.blocks ?? []).filter((_, index) => !dropped.has(index)) : [];
}

function isCall({ type }: BlockPlace): boolean {
  return type === "tool_use";
}

function idOf(body: Uint8Array, block: BlockPlace, member: string): string | undefined {
  return textAt(body, lastMember(block.members, member)?.value);
}
