import { isForgedServerToolId } from "../../conversation/ids/server-tool-ids.ts";
import { isThinkingType } from "./thinking.ts";
import { type BlockPlace, proofAt } from "../../bytes/body-places.ts";
import type { MessageDraft } from "./conversation-draft.ts";
import { lastMember, textAt } from "../../bytes/json-places.ts";

/** Rules for the thinking of a history. */
export interface ThinkingRules {
  /** Decides whether thinking with this proof (a signature, or the data of redacted thinking) must not be sent. */
  readonly isForeign: (proof: string) => boolean;
  /** `thinking.type` of the request; `""` where it has none. */
  readonly thinkingType: string;
  /** True if the API demands thinking in front of a running tool turn, also if the turn never had any. */
  readonly isDemanding: boolean;
  /** Another API may have begun the running tool turn: one whose calls Claude did not make, as their ids tell, is taken for such. */
  readonly mayLackThinking: boolean;
  /** The API said that thinking is missing, or is not its own, and may be one that wants it in every turn with tool calls, whatever the way of thinking. */
  readonly isSuspect: boolean;
  /** True if an empty block replaces missing thinking in each turn with tool calls. */
  readonly fillsToolTurns: boolean;
}

const emptyThinking = '{"type":"thinking","thinking":"","signature":""}';

/**
 * Drops the thinking that must not be sent, and the blocks that our own translation forged for a server's; a message left without content goes too.
 * True where thinking has to be turned off for this request: the API demands that a running tool turn begin with thinking, and this one does not any
 * more. The thinking of later messages of that turn is then dropped too, because a turn needs its thinking whole or not at all.
 */
export function planThinking(body: Uint8Array, drafts: readonly MessageDraft[], rules: ThinkingRules): boolean {
  const changed = new Set<MessageDraft>();
  for (const draft of drafts) {
    if (draft.place.role !== "assistant") continue;
    if (dropBlocks(draft, (block) => isUnwanted(body, block, rules))) changed.add(draft);
  }
  if (rules.fillsToolTurns) {
    if (rules.thinkingType !== "disabled") for (const draft of drafts) fillToolTurn(draft);
    return false;
  }
  if (rules.isSuspect) {
    const isOn = rules.thinkingType === "enabled" || rules.thinkingType === "adaptive";
    return isOn && drafts.some((draft) => draft.isKept && holds(draft, isCall) && !holds(draft, isThinking));
  }
  const turn = runningTurn(drafts);
  const [first] = turn;
  if (rules.thinkingType !== "enabled" || !first || holds(first, isThinking)) return false;
  if (!turn.some((draft) => holds(draft, isCall))) return false;
  const isForeign = rules.mayLackThinking && turn.some((draft) => holds(draft, (block) => isForeignCall(body, block)));
  if (!rules.isDemanding && !isForeign && !turn.some((draft) => changed.has(draft))) return false;
  for (const draft of turn) dropBlocks(draft, isThinking);
  return true;
}

/** The messages of the assistant since the user last said something of their own: a loop of tool calls is one turn. */
function runningTurn(drafts: readonly MessageDraft[]): readonly MessageDraft[] {
  const start = drafts.findLastIndex(
    ({ place }) => place.role === "user" && !place.blocks?.some(({ type }) => type === "tool_result"),
  );
  return drafts.slice(start + 1).filter(({ place, isKept }) => isKept && place.role === "assistant");
}

function dropBlocks(draft: MessageDraft, isDropped: (block: BlockPlace) => boolean): boolean {
  const { place, dropped } = draft;
  const { blocks = [] } = place;
  const sizeBefore = dropped.size;
  for (const [index, block] of blocks.entries()) if (isDropped(block)) dropped.add(index);
  if (dropped.size === sizeBefore) return false;
  if (dropped.size === blocks.length) draft.isKept = false;
  return true;
}

function isUnwanted(body: Uint8Array, block: BlockPlace, rules: ThinkingRules): boolean {
  if (isThinking(block)) return rules.isForeign(proofAt(body, block));
  return isForgedServerToolId(
    textAt(body, lastMember(block.members, block.type === "server_tool_use" ? "id" : "tool_use_id")?.value),
  );
}

function fillToolTurn(draft: MessageDraft): void {
  if (draft.place.role !== "assistant" || !holds(draft, isCall) || holds(draft, isThinking)) return;
  draft.before.push(emptyThinking);
}

function holds({ place, dropped }: MessageDraft, isMeant: (block: BlockPlace) => boolean): boolean {
  return place.blocks?.some((block, index) => !dropped.has(index) && isMeant(block)) === true;
}

function isThinking({ type }: BlockPlace): boolean {
  return isThinkingType(type);
}

function isForeignCall(body: Uint8Array, block: BlockPlace): boolean {
  return isCall(block) && textAt(body, lastMember(block.members, "id")?.value)?.startsWith("toolu_") !== true;
}

function isCall({ type }: BlockPlace): boolean {
  return type === "tool_use";
}
