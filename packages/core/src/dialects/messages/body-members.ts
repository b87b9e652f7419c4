import type { BodyEnvelope } from "./envelopes/envelope.ts";
import type { JsonObject } from "../../base/json.ts";
import type { ByteRange } from "../../bytes/json-walk.ts";
import { readUserId } from "../../conversation/request/user-id.ts";
import { type Edit, editList } from "../../bytes/edits.ts";
import { lastMember, type MemberPlace, readElements, readMembers, textAt, valueAt } from "../../bytes/json-places.ts";
import type { NativeProfile } from "../../base/profile-types.ts";

/** Changes of the members of a request body besides its conversation. */
export interface MemberChanges {
  /** The model that the provider is asked for. */
  readonly model: string;
  readonly maxTokens: number | undefined;
  readonly turnsThinkingOff: boolean;
  /** Takes the place of `tool_choice`; undefined: that stays. */
  readonly toolChoice?: JsonObject | undefined;
  readonly dropsSampling: boolean;
  readonly profile: Pick<NativeProfile, "bodyMembers" | "userId" | "effortWithoutThinking">;
  /** Envelope of the body, if a cloud needs one. */
  readonly envelope?: BodyEnvelope | undefined;
}

const samplingMembers: ReadonlySet<string> = new Set(["temperature", "top_p", "top_k"]);
const acceptedUserId = /^[A-Za-z0-9_-]{6,64}$/;

/** Returns the edits of the members; `messages` is left alone. */
export function memberEdits(
  body: Uint8Array,
  members: readonly MemberPlace[],
  changes: MemberChanges,
): readonly Edit[] {
  const thinking = lastMember(members, "thinking")?.value;
  const isThinkingOff = changes.turnsThinkingOff || thinkingType(body, thinking) === "disabled";
  const gone = new Set<MemberPlace>();
  const edits: Edit[] = [];
  for (const member of members) {
    const isLeftOut = changes.envelope?.leavesOut.has(member.name) === true || !isAllowed(member.name, changes.profile);
    const change = isLeftOut ? "gone" : changeOf(body, member, { ...changes, isThinkingOff });
    if (change === "gone") gone.add(member);
    else for (const edit of change) edits.push(edit);
  }
  const added: string[] = [];
  if (changes.maxTokens !== undefined && !lastMember(members, "max_tokens"))
    added.push(`"max_tokens":${changes.maxTokens}`);
  if (changes.turnsThinkingOff && thinking === undefined) added.push('"thinking":{"type":"disabled"}');
  for (const { name, json, keeps } of changes.envelope?.adds ?? []) {
    const own = lastMember(members, name)?.value;
    if (own === undefined) added.push(`"${name}":${json}`);
    else if (!keeps(JSON.stringify(valueAt(body, own)))) edits.push({ ...own, text: json });
  }
  const inserts = new Map(added.length > 0 ? [[members.length, added.join(",")]] : []);
  const elements = members.map(({ key, value }) => ({ start: key.start, end: value.end }));
  // There is a member: the body has a model.
  return [
    ...edits,
    ...editList({ open: 0, elements, isKept: (index) => !gone.has(members[index] as MemberPlace), inserts }),
  ];
}

function isAllowed(name: string, { bodyMembers }: Pick<NativeProfile, "bodyMembers">): boolean {
  return bodyMembers === null || name === "model" || name === "messages" || bodyMembers.includes(name);
}

/** Returns `type` of the `thinking` member; `""` where there is none. */
export function thinkingType(body: Uint8Array, thinking: ByteRange | undefined): string {
  if (!thinking) return "";
  return textAt(body, lastMember(readMembers(body, thinking.start).members, "type")?.value) ?? "";
}

function changeOf(
  body: Uint8Array,
  { name, value }: MemberPlace,
  changes: MemberChanges & { readonly isThinkingOff: boolean },
): readonly Edit[] | "gone" {
  const { profile } = changes;
  switch (name) {
    case "model":
      return textAt(body, value) === changes.model ? [] : [{ ...value, text: JSON.stringify(changes.model) }];
    case "max_tokens":
      return changes.maxTokens === undefined ? [] : [{ ...value, text: String(changes.maxTokens) }];
    case "thinking":
      return changes.turnsThinkingOff
        ? [{ ...value, text: '{"type":"disabled"}' }]
        : budgetEdits(body, value, changes.maxTokens);
    case "tool_choice":
      return changes.toolChoice === undefined ? [] : [{ ...value, text: JSON.stringify(changes.toolChoice) }];
    case "context_management":
      return changes.turnsThinkingOff ? withoutThinkingEdits(body, value) : [];
    case "output_config":
      return changes.isThinkingOff && !profile.effortWithoutThinking ? withoutMember(body, value, "effort") : [];
    case "metadata":
      return profile.userId === "hash" ? hashUserId(body, value) : [];
    default:
      return changes.dropsSampling && samplingMembers.has(name) ? "gone" : [];
  }
}

/** A budget has to be below the limit of the answer, and at least 1,024. */
function budgetEdits(body: Uint8Array, thinking: ByteRange, maxTokens: number | undefined): readonly Edit[] {
  const budget = lastMember(readMembers(body, thinking.start).members, "budget_tokens")?.value;
  if (budget === undefined || maxTokens === undefined || Number(valueAt(body, budget)) < maxTokens) return [];
  return [{ ...budget, text: String(Math.max(1_024, Math.floor(maxTokens / 2))) }];
}

/** Returns the edits without `clear_thinking_20251015`, which is refused where thinking is off ("strategy requires thinking to be enabled"). */
export function withoutThinkingEdits(body: Uint8Array, management: ByteRange): readonly Edit[] | "gone" {
  const { members } = readMembers(body, management.start);
  const list = lastMember(members, "edits");
  if (!list) return [];
  const { elements } = readElements(body, list.value.start);
  const kept = elements.map((element) => {
    const type = textAt(body, lastMember(readMembers(body, element.start).members, "type")?.value);
    return type?.startsWith("clear_thinking") !== true;
  });
  if (kept.every(Boolean)) return [];
  if (!kept.some(Boolean) && members.length === 1) return "gone";
  return editList({ open: list.value.start + 1, elements, isKept: (index) => kept[index] === true });
}

function withoutMember(body: Uint8Array, object: ByteRange, name: string): readonly Edit[] | "gone" {
  const { members } = readMembers(body, object.start);
  if (!lastMember(members, name)) return [];
  if (members.every((member) => member.name === name)) return "gone";
  return editList({
    open: object.start + 1,
    elements: members.map(({ key, value }) => ({ start: key.start, end: value.end })),
    isKept: (index) => members[index]?.name !== name,
  });
}

function hashUserId(body: Uint8Array, metadata: ByteRange): readonly Edit[] {
  const member = lastMember(readMembers(body, metadata.start).members, "user_id");
  const userId = member && textAt(body, member.value);
  if (!member || userId === undefined || acceptedUserId.test(userId)) return [];
  const hash = readUserId(valueAt(body, metadata))?.hash;
  return hash === undefined ? [] : [{ ...member.value, text: JSON.stringify(hash) }];
}
