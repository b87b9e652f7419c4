import type { BlockPlace, MessagePlace } from "../../bytes/body-places.ts";
import type { MessageDraft } from "./conversation-draft.ts";
import { lastMember, textAt } from "../../bytes/json-places.ts";

/**
 * Folds the system turns inside a conversation into user messages: into the one before, or, between a call and its results, behind the results, for
 * these have to follow their call directly. Where no user message is near, one is made of the turn itself: its JSON text, by index. A system turn
 * that holds for one user turn alone (`clear_at`) is dropped when another has come, as in Anthropic's API.
 */
export function foldSystemTurns(body: Uint8Array, drafts: readonly MessageDraft[]): ReadonlyMap<number, string> {
  const standalone = new Map<number, string>();
  const lastUser = drafts.findLastIndex(({ place }) => place.role === "user");
  const following = nextStanding(drafts);
  let previous: MessageDraft | undefined;
  for (const [index, draft] of drafts.entries()) {
    const { place } = draft;
    if (place.role !== "system") {
      if (isStanding(draft)) previous = draft;
      continue;
    }
    draft.isKept = false;
    if (place.clearAt === "next_user_message" && index < lastUser) continue;
    const block = reminderBlock(body, place);
    if (block === undefined) continue;
    const next = following[index];
    if (next?.place.role === "user" && holdsResults(next.place)) next.behind.push(block);
    else if (previous?.place.role === "user") previous.behind.push(block);
    else if (next?.place.role === "user") next.before.push(block);
    else standalone.set(index, `{"role":"user","content":[${block}]}`);
  }
  return standalone;
}

/** For each message the next one that stays and is no system turn. Looking for it from each system turn would take quadratic time. */
function nextStanding(drafts: readonly MessageDraft[]): readonly (MessageDraft | undefined)[] {
  const following: (MessageDraft | undefined)[] = Array.from({ length: drafts.length });
  let next: MessageDraft | undefined;
  for (let index = drafts.length - 1; index >= 0; index -= 1) {
    following[index] = next;
    const draft = drafts[index];
    if (draft && isStanding(draft)) next = draft;
  }
  return following;
}

function isStanding({ place, isKept }: MessageDraft): boolean {
  return isKept && place.role !== "system";
}

function holdsResults({ blocks }: MessagePlace): boolean {
  return blocks?.some(({ type }) => type === "tool_result") === true;
}

/** The turn as a text block; it keeps a cache mark, which stands at the end of what is cached. Undefined where the turn says nothing. */
function reminderBlock(body: Uint8Array, place: MessagePlace): string | undefined {
  const { blocks } = place;
  const texts = blocks
    ? blocks.map((block) => textAt(body, lastMember(block.members, "text")?.value) ?? "")
    : [textAt(body, place.content) ?? ""];
  const text = texts.filter((one) => one.trim() !== "").join("\n\n");
  if (text === "") return undefined;
  const json = JSON.stringify(`<system-reminder>\n${text}\n</system-reminder>`);
  return `{"type":"text","text":${json}${cacheMark(body, blocks ?? [])}}`;
}

function cacheMark(body: Uint8Array, blocks: readonly BlockPlace[]): string {
  const mark = blocks.map(({ members }) => lastMember(members, "cache_control")?.value).findLast(Boolean);
  return mark ? `,"cache_control":${new TextDecoder().decode(body.subarray(mark.start, mark.end))}` : "";
}
