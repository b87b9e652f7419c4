import { isObject, type JsonObject } from "../../base/json.ts";
import type { BodyPlaces } from "../../bytes/body-places.ts";
import { applyEdits, type Edit, editList } from "../../bytes/edits.ts";
import { lastMember, type MemberPlace, valueAt } from "../../bytes/json-places.ts";
import { WarningList } from "../../conversation/request/warning-list.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { type MessagesModel, messagesModel } from "../../vendors/claude-models.ts";
import { withoutThinkingEdits } from "./body-members.ts";
import { conversationEdits, draftMessages, type MessageDraft, sayAtEnd } from "./conversation-draft.ts";
import { continueWords } from "./fit-conversation.ts";
import { fitMembers, formatOf } from "./fit-members.ts";
import { foldSystemTurns } from "./system-turns.ts";

/** The body of a client, with what a mapped model refuses said otherwise. */
export interface FittedBody {
  readonly body: readonly Uint8Array[];
  readonly warnings: readonly string[];
}

/**
 * Returns what a model takes to which mapping has changed a client's: undefined where both take the same, and where the model is not one of Claude's, so
 * that the client's bytes stay as they are.
 *
 * @param asked - the client's name of the model.
 * @param model - the upstream's name of it.
 */
export function mappedRules(asked: string, model: string): MessagesModel | undefined {
  if (asked === model) return undefined;
  const takes: MessagesModel & JsonObject = { ...messagesModel(model) };
  const known: JsonObject = { ...messagesModel(asked) };
  return takes.isClaude && Object.keys(takes).some((name) => takes[name] !== known[name]) ? takes : undefined;
}

/**
 * Fits the body of a client of Messages to the model that mapping put in the place of the client's. The client fitted its request to its own model, and
 * cannot know of the other. Only the members that change are written anew: every other byte stays, thinking and signatures above all.
 *
 * @param places - of `body`.
 */
export function fitMapped(body: Uint8Array, { members, messages }: BodyPlaces, takes: MessagesModel): FittedBody {
  const warnings = new WarningList();
  const given = fittedNames.flatMap((name): [string, unknown][] => {
    const place = lastMember(members, name)?.value;
    return place ? [[name, valueAt(body, place)]] : [];
  });
  const source = { ...Object.fromEntries(given), messages: [] } as unknown as MessagesRequest; // its model is not asked for
  const fitted = fitMembers(source, { takes, format: formatOf({ ...source }), warnings });
  const thinks = fitted.members["thinking"] === undefined ? takes.thinksUnasked : fitted.isThinking;
  const drafts = draftMessages(messages);
  const inserts = takes.systemTurns ? new Map<number, string>() : new Map(foldSystemTurns(body, drafts));
  sayAtEnd(endWords(drafts, takes, [fitted.instruction, fitted.words]), drafts, inserts);
  const list = lastMember(members, "messages")?.value;
  return {
    body: applyEdits(body, [
      ...memberEdits(body, members, { given: new Map(given), members: fitted.members, thinks }),
      ...(list ? conversationEdits(list, drafts, inserts) : []),
    ]),
    warnings: warnings.all.map(({ message }) => message),
  };
}

/** The members that are fitted. */
const fittedNames: readonly string[] = [
  "thinking",
  "output_config",
  "tool_choice",
  "max_tokens",
  "temperature",
  "top_p",
  "top_k",
];

interface Change {
  /** The members as the client sent them. */
  readonly given: ReadonlyMap<string, unknown>;
  /** The members as the model takes them. */
  readonly members: JsonObject;
  /** The model thinks, asked or unasked. */
  readonly thinks: boolean;
}

function memberEdits(body: Uint8Array, places: readonly MemberPlace[], change: Change): readonly Edit[] {
  const { given, members } = change;
  const gone = new Set<MemberPlace>();
  const edits: Edit[] = [];
  for (const place of places) {
    const { name, value } = place;
    // A strategy that clears thinking is refused where there is none.
    const isManaged = name === "context_management" && !change.thinks;
    const edit = isManaged ? withoutThinkingEdits(body, value) : valueEdits(value, name, change);
    if (edit === "gone") gone.add(place);
    else for (const one of edit) edits.push(one);
  }
  // A limit that the client did not send is not needed: counting takes none.
  const added = fittedNames.filter((name) => name !== "max_tokens" && members[name] !== undefined && !given.has(name));
  const text = added.map((name) => `${JSON.stringify(name)}:${JSON.stringify(members[name])}`).join(",");
  const elements = places.map(({ key, value }) => ({ start: key.start, end: value.end }));
  return [
    ...edits,
    ...editList({
      open: 0, // there is a member: the body has a model
      elements,
      isKept: (index) => !gone.has(places[index] as MemberPlace),
      inserts: new Map(text === "" ? [] : [[places.length, text]]),
    }),
  ];
}

function valueEdits(value: MemberPlace["value"], name: string, { given, members }: Change): readonly Edit[] | "gone" {
  if (!given.has(name) || isSame(given.get(name), members[name])) return [];
  return members[name] === undefined ? "gone" : [{ ...value, text: JSON.stringify(members[name]) }];
}

/** Decides whether two values of a member say the same, in whatever order. */
function isSame(one: unknown, other: unknown): boolean {
  if (!isObject(one) || !isObject(other)) return JSON.stringify(one) === JSON.stringify(other);
  const names = Object.keys({ ...one, ...other });
  return names.every((name) => JSON.stringify(one[name]) === JSON.stringify(other[name]));
}

/** The texts that the conversation has to end with. A paused turn of server tools ends with the assistant's message, and is gone on with as it is. */
function endWords(
  drafts: readonly MessageDraft[],
  { prefill }: MessagesModel,
  texts: readonly (string | undefined)[],
): readonly string[] {
  const words = texts.filter((text) => text !== undefined);
  const { place } = drafts.findLast(({ isKept }) => isKept) ?? {};
  const isBegun = place?.role === "assistant" && place.blocks?.some(({ type }) => type !== "text") !== true;
  return words.length === 0 && isBegun && !prefill ? [continueWords] : words;
}
