import { concatBytes } from "../../bytes/concat-bytes.ts";
import type { BodyEnvelope } from "./envelopes/envelope.ts";
import { type BodyPlaces, readPlaces } from "../../bytes/body-places.ts";
import { memberEdits, thinkingType } from "./body-members.ts";
import { surplusMarkEdits } from "./cache-marks.ts";
import { conversationEdits, draftMessages, sayAtEnd } from "./conversation-draft.ts";
import { doubledIdEdits } from "./doubled-ids.ts";
import { applyEdits } from "../../bytes/edits.ts";
import { lastMember, type MemberPlace, valueAt } from "../../bytes/json-places.ts";
import { releasedCall } from "./fit-wishes.ts";
import type { NativeProfile } from "../../base/profile-types.ts";
import { withoutRefusedParts } from "./refused-parts.ts";
import { foldSystemTurns } from "./system-turns.ts";
import { planThinking } from "./thinking-plan.ts";

/** Target that a body is fitted to. */
export interface NativeTarget {
  readonly model: string;
  readonly profile: NativeProfile;
  readonly maxTokens: number | undefined;
  /** Decides whether thinking with this proof must not be sent. */
  readonly isForeign: (proof: string) => boolean;
  /** The request was refused for its thinking: all of it goes, and it is turned off where the history lacks it. */
  readonly withoutThinking: boolean;
  /** Another API may have begun the running tool turn. */
  readonly mayLackThinking: boolean;
  readonly dropsSampling: boolean;
  /** Envelope of the body, if a cloud needs one. */
  readonly envelope?: BodyEnvelope | undefined;
}

/**
 * Returns a client's body as the provider takes it, as parts: what need not change is byte for byte the client's, never re-serialised. `places` are those of
 * `body`.
 */
export function editBody(body: Uint8Array, places: BodyPlaces, target: NativeTarget): readonly Uint8Array[] {
  const { profile, withoutThinking } = target;
  const { members, messages } = places;
  const drafts = draftMessages(messages);
  const turnsThinkingOff = planThinking(body, drafts, {
    isForeign: withoutThinking ? () => true : target.isForeign,
    thinkingType: thinkingType(body, lastMember(members, "thinking")?.value),
    isDemanding: profile.checksSignatures || withoutThinking,
    mayLackThinking: target.mayLackThinking,
    isSuspect: withoutThinking && !profile.checksSignatures,
    fillsToolTurns: profile.toolTurnThinking === "always",
  });
  const call = releasedCallOf(body, members, profile);
  const isQuietCall = call !== undefined && profile.forcedCalls === "without-thinking";
  const released = isQuietCall ? undefined : call;
  const inserts = new Map(profile.midSystem === "user" ? foldSystemTurns(body, drafts) : []);
  if (released) sayAtEnd([released.words], drafts, inserts);
  const list = lastMember(members, "messages")?.value;
  const { model, maxTokens, dropsSampling, envelope } = target;
  const parts = applyEdits(body, [
    ...memberEdits(body, members, {
      model,
      maxTokens,
      turnsThinkingOff: turnsThinkingOff || isQuietCall,
      toolChoice: released?.choice,
      dropsSampling,
      profile,
      envelope,
    }),
    ...(list ? conversationEdits(list, drafts, inserts) : []),
    ...(profile.toolIds === "unique" ? doubledIdEdits(body, drafts) : []),
  ]);
  const taken = withoutRefusedParts(parts, profile);
  return profile.cacheMarks === null ? taken : withFewerMarks(taken, profile.cacheMarks);
}

/** The call that the request forces, in words, where the provider does not always take a forced one. */
function releasedCallOf(
  body: Uint8Array,
  members: readonly MemberPlace[],
  { forcedCalls }: NativeProfile,
): ReturnType<typeof releasedCall> {
  const choice = forcedCalls === "any" ? undefined : lastMember(members, "tool_choice")?.value;
  return choice && releasedCall(valueAt(body, choice));
}

function withFewerMarks(parts: readonly Uint8Array[], limit: number): readonly Uint8Array[] {
  const body = concatBytes(parts);
  const edits = surplusMarkEdits(body, readPlaces(body), limit);
  return edits.length === 0 ? parts : applyEdits(body, edits);
}
