import { isObject, type JsonObject } from "../base/json.ts";
import type { Profile, ProfileOverride } from "../base/profile-types.ts";
import { type ProfileQuery, resolveProfile } from "../vendors/profile.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { applyEdits, type Edit } from "../bytes/edits.ts";
import { leaveOutEdits, setMemberEdits } from "../bytes/member-edits.ts";
import { spliceModel } from "../bytes/splice-model.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import { mayHold } from "../dialects/messages/thinking.ts";
import type { RequestChanges } from "../dialects/request-changes.ts";
import { fitPassed, type PassedRules, passedRules } from "../dialects/fit-passed.ts";
import type { FittedBody } from "../dialects/messages/fit-mapped.ts";
import { isSealedThinking, thinkingEnvelopePrefix } from "../dialects/responses/thinking-envelope.ts";

/** Target of a client's own body. */
export interface PassedTarget {
  /** The model and its provider. */
  readonly to: ProfileQuery;
  readonly changes: Pick<RequestChanges, "withoutThinking" | "isForeignProof">;
  /** Profile as it is configured, without what lessons change; undefined where none is. */
  readonly configured: ProfileOverride | undefined;
}

/**
 * Returns the client's own bytes for a provider that speaks the client's API, with the model spliced in. The body is written anew without thinking of
 * another provider that this one would refuse. Members are edited where mapping changed the model and the other one takes them otherwise, where the
 * provider has refused `developer` turns, streams or summaries of reasoning, and where the configuration says so with `omit` or `extra_body`.
 */
export function passedBody(client: ClientRequest, target: PassedTarget): FittedBody {
  const fitted = fittedBody(client, target);
  const { omit = [], extraBody = {} } = target.configured ?? {};
  let { body } = fitted;
  if (target.to.override?.extraBody?.["stream"] === false) {
    body = edited(body, (bytes) => setMemberEdits(bytes, { stream: false }));
    body = edited(body, (bytes) => leaveOutEdits(bytes, "stream_options"));
  }
  if (Object.keys(extraBody).length > 0) body = edited(body, (bytes) => setMemberEdits(bytes, extraBody));
  if (target.to.override?.reasoningSummary === false)
    body = edited(body, (bytes) => leaveOutEdits(bytes, "reasoning.summary"));
  // Without a model it would be no request.
  for (const path of omit) if (path !== "model") body = edited(body, (bytes) => leaveOutEdits(bytes, path));
  return body === fitted.body ? fitted : { ...fitted, body };
}

function edited(parts: readonly Uint8Array[], editsOf: (body: Uint8Array) => readonly Edit[]): readonly Uint8Array[] {
  const body = concatBytes(parts);
  const edits = editsOf(body);
  return edits.length === 0 ? parts : applyEdits(body, edits);
}

function fittedBody(client: ClientRequest, target: PassedTarget): FittedBody {
  const { facts, dialect } = client;
  const { model } = target.to;
  const takes = resolveProfile(target.to);
  const cleaned = dialect === "responses" ? cleanInput(client, target) : cleanMessages(client, takes);
  const written = cleaned && new TextEncoder().encode(JSON.stringify({ ...cleaned, model }));
  const rules = passedRules(facts.model, target.to, takes);
  const fitted = rules && mayFit(client, rules) ? fitPassed(written ?? client.body, dialect, rules) : undefined;
  if (fitted !== undefined) return fitted;
  if (written !== undefined) return { body: [written], warnings: [] };
  const isSame = model === facts.model && facts.modelRanges.length === 1;
  return { body: isSame ? client.bytes.chunks : spliceModel(client.bytes, facts.modelRanges, model), warnings: [] };
}

/** Only `developer` turns are looked for in requests that are not mapped. */
function mayFit({ facts, bytes }: ClientRequest, { model }: PassedRules): boolean {
  return facts.model !== model || mayHold(bytes, developer, developer.indexOf("v"));
}

const developer = '"developer"';

/** Returns what makes the reasoning items of a Responses request valid at one provider alone: their encrypted content. */
export function reasoningProofs(client: ClientRequest): readonly string[] {
  return inputOf(client.json).flatMap((item) => {
    const { type, encrypted_content: proof, id } = item;
    if (type !== "reasoning") return [];
    return [typeof proof === "string" ? proof : String(id)];
  });
}

/** Without the reasoning items that the provider cannot read; undefined where there are none. */
function cleanInput(client: ClientRequest, { changes }: PassedTarget): JsonObject | undefined {
  const { withoutThinking, isForeignProof } = changes;
  const mayBeSealed = mayHold(client.bytes, thinkingEnvelopePrefix, thinkingEnvelopePrefix.indexOf("1"));
  if (!withoutThinking && isForeignProof === undefined && !mayBeSealed) return undefined;
  const isDropped = (item: JsonObject): boolean => {
    const { type, encrypted_content: proof } = item;
    if (type !== "reasoning") return false;
    return (
      withoutThinking || isSealedThinking(proof) || (typeof proof === "string" && isForeignProof?.(proof) === true)
    );
  };
  const { input } = client.json;
  if (!Array.isArray(input) || !inputOf(client.json).some(isDropped)) return undefined;
  return { ...client.json, input: input.filter((item: unknown) => !isObject(item) || !isDropped(item)) };
}

function inputOf({ input }: JsonObject): readonly JsonObject[] {
  return Array.isArray(input) ? input.filter(isObject) : [];
}

/** The form of the entries that answers of Claude are given out with. */
const ownFormat = "anthropic-claude-v";

/** Without thinking of Claude's, which Chat Completions has no member for, in the messages that hold it; undefined where there are none. */
function cleanMessages(client: ClientRequest, { reasoningHistory }: Profile): JsonObject | undefined {
  if (reasoningHistory === "reasoning_details" || !mayHold(client.bytes, ownFormat, ownFormat.length - 1))
    return undefined;
  const { messages } = client.json;
  if (!Array.isArray(messages) || !messages.some(holdsClaudes)) return undefined;
  return {
    ...client.json,
    messages: messages.map((message: unknown) =>
      holdsClaudes(message) ? withoutDetails(message, reasoningHistory) : message,
    ),
  };
}

function holdsClaudes(message: unknown): message is JsonObject {
  if (!isObject(message) || !Array.isArray(message["reasoning_details"])) return false;
  return message["reasoning_details"].some(
    (entry: unknown) => isObject(entry) && typeof entry["format"] === "string" && entry["format"].startsWith(ownFormat),
  );
}

/** The plain text stays under the name that the provider takes it by. */
function withoutDetails(message: JsonObject, history: Profile["reasoningHistory"]): JsonObject {
  const { reasoning_details: _details, reasoning_content: content, reasoning, ...rest } = message;
  const text = content ?? reasoning;
  return history === "drop" || text === undefined ? rest : { ...rest, [history]: text };
}
