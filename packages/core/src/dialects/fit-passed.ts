import type { DialectName } from "../base/dialect-name.ts";
import type { Profile } from "../base/profile-types.ts";
import { isObject } from "../base/json.ts";
import { applyEdits, type Edit, editList } from "../bytes/edits.ts";
import { lastMember, type MemberPlace, readElements, readMembers, textAt, valueAt } from "../bytes/json-places.ts";
import type { ByteRange } from "../bytes/json-walk.ts";
import { nearestEffort } from "../conversation/request/reasoning-effort.ts";
import { isSamplingTaken } from "../conversation/request/sampling.ts";
import { printableName } from "../conversation/request/warning-list.ts";
import type { FittedBody } from "./messages/fit-mapped.ts";
import { openaiReasoning } from "../vendors/openai.ts";
import { isOtherMakers } from "../vendors/other-makers.ts";
import { type ProfileQuery, resolveProfile } from "../vendors/profile.ts";

/** Rules of the upstream's model, as far as the client's own has others. An absent member: both take the same. */
export interface PassedRules {
  readonly model: string;
  readonly limitName?: Profile["maxTokensField"];
  readonly mostTokens?: number;
  readonly sampling?: Profile["sampling"];
  /** The efforts that the model takes; empty: none. */
  readonly efforts?: Profile["efforts"];
  /** The model takes no other verbosity than `medium`. */
  readonly mediumOnly?: true;
  /** The model's provider knows no `developer`. */
  readonly plainSystem?: true;
  readonly omit?: readonly string[];
}

// OpenAI's models that do not think. Of any other name, such as that of a deployment (`gpt54`), an effort may be taken that is not in the profile.
const plainName = /^(?:openai\/)?(?:chatgpt|gpt-?[34]|gpt-[\d.]{1,8}-chat)/;

// "OpenAI only accepts verbosity `medium` on these" (theopenco/llmgateway#2989, enricoros/big-AGI#930), as on all before gpt-5.
const mediumOnly = /gpt-5(?:\.[12])?-codex|gpt-5-chat/;

/**
 * Returns what the mapped model takes and the client's does not: undefined where mapping changed nothing that clients fit to their model, so that the
 * client's bytes stay as they are. Clients of OpenAI's APIs fit their requests to OpenAI's models. Only `developer` turns are the same for every model of a
 * vendor that knows none.
 *
 * @param asked - the client's name of the model.
 * @param to - the upstream's name of it, and its provider.
 * @param takes - profile of `to`.
 */
export function passedRules(asked: string, to: ProfileQuery, takes: Profile): PassedRules | undefined {
  const { model } = to;
  const isPlain = takes.systemRole === "system" && takesNoDeveloper(to);
  if (asked === model) return isPlain ? { model, plainSystem: true } : undefined;
  const asks = resolveProfile({ host: "api.openai.com", model: asked });
  const { maxOutputTokens, reasoning, efforts, systemRole } = takes;
  const omit = takes.omit.filter((name) => !asks.omit.includes(name));
  const limitName = knownLimitName(takes, to);
  const sampling = samplingOf(takes);
  const takesEffort = reasoning === "openai";
  const isKnownEffort = takesEffort || (reasoning === "none" && isOpenAis(model.toLowerCase()));
  const rules: Omit<PassedRules, "model"> = {
    ...(limitName !== undefined && limitName !== asks.maxTokensField && { limitName }),
    ...(maxOutputTokens !== null && maxOutputTokens !== asks.maxOutputTokens && { mostTokens: maxOutputTokens }),
    ...(sampling !== true && sampling !== samplingOf(asks) && { sampling }),
    ...(isKnownEffort && hasOtherEfforts(takes, asks) && { efforts: takesEffort ? efforts : [] }),
    ...(isMediumOnly(model) && !isMediumOnly(asked) && { mediumOnly: true as const }),
    ...((isPlain || (asks.systemRole === "developer" && systemRole === "system")) && { plainSystem: true as const }),
    ...(omit.length > 0 && { omit }),
  };
  return Object.keys(rules).length === 0 ? undefined : { ...rules, model };
}

/**
 * Name of the limit; undefined where either may be taken. The neutral profile says `max_tokens`, but behind a name that tells nothing (of a deployment, of a
 * relay) may be a model of OpenAI's that refuses it, and all of OpenAI's take the newer name.
 */
function knownLimitName({ maxTokensField }: Profile, to: ProfileQuery): Profile["maxTokensField"] | undefined {
  const isKnown = maxTokensField !== "max_tokens" || to.override?.maxTokensField !== undefined || isOtherMakers(to);
  return isKnown ? maxTokensField : undefined;
}

/**
 * Decides whether a provider takes no `developer` turns: a refusal or the configuration says so, or it serves another maker's model. DeepSeek refuses them
 * (earendil-works/pi#1048, theopenco/llmgateway#3462), as does Mistral; for those that take both, a system turn is the same.
 */
function takesNoDeveloper(to: ProfileQuery): boolean {
  if (to.override?.systemRole === "system") return true;
  return !isOpenAis(to.model.toLowerCase()) && isOtherMakers(to);
}

/** Without an effort of none, no request is one for which sampling is taken. */
function samplingOf({ sampling, efforts }: Profile): Profile["sampling"] {
  return sampling === "effort-none" && !efforts.includes("none") ? false : sampling;
}

function isOpenAis(model: string): boolean {
  return plainName.test(model) || openaiReasoning.test(model);
}

/** Decides whether a model is known as one of OpenAI's that are as verbose as they are. */
function isMediumOnly(name: string): boolean {
  const model = name.toLowerCase();
  return isOpenAis(model) && (!/(?:^|[/.:])gpt-(?:[5-9]|1\d)/.test(model) || mediumOnly.test(model));
}

function hasOtherEfforts(takes: Profile, asks: Profile): boolean {
  return takes.reasoning !== asks.reasoning || takes.efforts.join() !== asks.efforts.join();
}

/** Members that OpenAI's models which think do not take (platform.openai.com, "Reasoning models"), by which the answer does not change its form. */
const samplingNames: ReadonlySet<string> = new Set([
  "temperature",
  "top_p",
  "presence_penalty",
  "frequency_penalty",
  "logit_bias",
]);

/** Members that these models do not take either, without which an answer that was asked for with them would be wrong: then the client hears the refusal. */
const probabilityNames: ReadonlySet<string> = new Set(["logprobs", "top_logprobs"]);

/** Items of Responses whose own id is optional. */
const callTypes: ReadonlySet<string | undefined> = new Set(["function_call", "custom_tool_call"]);

/**
 * Fits a client's own body to a model of its API that mapping put in the place of the client's. Only the members that change are written anew: every other
 * byte stays. Undefined where the body holds nothing of them.
 */
export function fitPassed(body: Uint8Array, dialect: DialectName, rules: PassedRules): FittedBody | undefined {
  const { members } = readMembers(body, body.indexOf(0x7b));
  const fitting = new Fitting(body, members, rules);
  for (const place of members) {
    if (dialect === "responses") fitting.fitResponses(place);
    else fitting.fitChat(place);
  }
  return fitting.result();
}

class Fitting {
  readonly #body: Uint8Array;
  readonly #members: readonly MemberPlace[];
  readonly #rules: PassedRules;
  readonly #gone = new Set<MemberPlace>();
  readonly #edits: Edit[] = [];
  readonly #warnings = new Set<string>();

  constructor(body: Uint8Array, members: readonly MemberPlace[], rules: PassedRules) {
    this.#body = body;
    this.#members = members;
    this.#rules = rules;
  }

  fitChat(place: MemberPlace): void {
    const { name } = place;
    if (this.#isLeftOut(place)) this.#drop(place);
    else if (name === "max_tokens" || name === "max_completion_tokens") this.#fitLimit(place);
    else if (name === "reasoning_effort") this.#fitEffort(place, () => this.#drop(place));
    else if (name === "messages") this.#fitRoles(place);
    else if (name === "verbosity") this.#fitVerbosity(place, () => this.#drop(place));
    else this.#fitCommon(place, "reasoning_effort");
  }

  fitResponses(place: MemberPlace): void {
    const { name } = place;
    if (this.#isLeftOut(place)) this.#drop(place);
    else if (name === "max_output_tokens") this.#lower(place);
    else if (name === "reasoning") this.#fitReasoning(place);
    else if (name === "input") this.#fitInput(place);
    else if (name === "include") this.#fitInclude(place);
    else if (name === "text") this.#fitText(place);
    else this.#fitCommon(place, "reasoning");
  }

  result(): FittedBody | undefined {
    if (this.#edits.length === 0 && this.#gone.size === 0) return undefined;
    const { model } = this.#rules;
    const name = JSON.stringify(model);
    const names = this.#members.flatMap((place) => (place.name === "model" ? [{ ...place.value, text: name }] : []));
    const list = editList({
      open: 0, // there is a member: the body has a model
      elements: this.#members.map(({ key, value }) => ({ start: key.start, end: value.end })),
      isKept: (index) => !this.#gone.has(this.#members[index] as MemberPlace),
    });
    const warnings = [...this.#warnings].map((warning) => `${warning} for ${printableName(model)}`);
    return { body: applyEdits(this.#body, [...list, ...names, ...this.#edits]), warnings };
  }

  #fitLimit(place: MemberPlace): void {
    const { limitName } = this.#rules;
    if (limitName === undefined || place.name === limitName) return this.#lower(place);
    if (valueAt(this.#body, place.value) === null) return;
    if (lastMember(this.#members, limitName) !== undefined) return this.#drop(place);
    this.#edits.push({ ...place.key, text: JSON.stringify(limitName) });
    this.#warnings.add(`${place.name} sent as ${limitName}`);
    this.#lower(place);
  }

  #lower({ name, value }: MemberPlace): void {
    const { mostTokens } = this.#rules;
    const wanted = mostTokens === undefined ? undefined : valueAt(this.#body, value);
    if (mostTokens === undefined || typeof wanted !== "number" || wanted <= mostTokens) return;
    this.#edits.push({ ...value, text: String(mostTokens) });
    this.#warnings.add(`${name} lowered to ${mostTokens}`);
  }

  #fitEffort({ name, value }: MemberPlace, drop: () => void): void {
    const { efforts } = this.#rules;
    const wanted = efforts === undefined ? undefined : textAt(this.#body, value);
    if (efforts === undefined || wanted === undefined || efforts.some((effort) => effort === wanted)) return;
    const nearest = nearestEffort(wanted, efforts);
    if (nearest === undefined) return drop();
    this.#edits.push({ ...value, text: JSON.stringify(nearest) });
    this.#warnings.add(`${name} ${wanted} sent as ${nearest}`);
  }

  /** Fits the effort inside of `reasoning`; a model that takes none is not told of reasoning at all. */
  #fitReasoning(place: MemberPlace): void {
    const { members } = readMembers(this.#body, place.value.start);
    if (this.#rules.efforts?.length === 0 && members.length > 0) return this.#drop(place);
    const effort = lastMember(members, "effort");
    if (effort) this.#fitEffort(effort, () => this.#drop(place));
  }

  #fitVerbosity({ value }: MemberPlace, drop: () => void): void {
    const wanted = this.#rules.mediumOnly === true ? textAt(this.#body, value) : undefined;
    if (wanted !== undefined && wanted !== "medium") drop();
  }

  #fitText({ value: { start } }: MemberPlace): void {
    if (this.#rules.mediumOnly !== true) return;
    const { members } = readMembers(this.#body, start);
    const verbosity = lastMember(members, "verbosity");
    if (!verbosity) return;
    this.#fitVerbosity(verbosity, () => {
      this.#leaveOut(start, members, "verbosity");
      this.#warnings.add("text.verbosity dropped");
    });
  }

  /** A model that does not think refuses to encrypt its reasoning. */
  #fitInclude(place: MemberPlace): void {
    if (this.#rules.efforts?.length !== 0) return;
    const { elements } = readElements(this.#body, place.value.start);
    const isEncrypted = (index: number): boolean =>
      textAt(this.#body, elements[index]) === "reasoning.encrypted_content";
    const left = elements.filter((_, index) => !isEncrypted(index));
    if (left.length === elements.length) return;
    if (left.length === 0) return this.#drop(place);
    const isKept = (index: number): boolean => !isEncrypted(index);
    this.#keep(place.value.start, elements, isKept);
    this.#warnings.add("include of encrypted reasoning dropped");
  }

  /** "Reasoning input items can only be provided to a reasoning or computer use model" (openai/openai-agents-python#569). */
  #fitInput(place: MemberPlace): void {
    this.#fitRoles(place);
    if (this.#rules.efforts?.length !== 0) return;
    const { elements } = readElements(this.#body, place.value.start);
    const isKept = (index: number): boolean => !this.#isReasoning(elements[index]);
    if (elements.every((_, index) => isKept(index))) return;
    this.#keep(place.value.start, elements, isKept);
    for (const { start } of elements) this.#unlink(start);
    this.#warnings.add("reasoning items dropped");
  }

  /** By its own id a stored call is known, which "was provided without its required 'reasoning' item" then (laravel/ai#1052); its output names `call_id`. */
  #unlink(item: number): void {
    const { members } = readMembers(this.#body, item);
    const type = lastMember(members, "type");
    if (type === undefined || !callTypes.has(textAt(this.#body, type.value))) return;
    this.#leaveOut(item, members, "id");
  }

  #leaveOut(start: number, members: readonly MemberPlace[], name: string): void {
    const elements = members.map(({ key, value }) => ({ start: key.start, end: value.end }));
    this.#keep(start, elements, (index) => members[index]?.name !== name);
  }

  /** Leaves out the other elements of the list, or of the object, that begins at `start`. */
  #keep(start: number, elements: readonly ByteRange[], isKept: (index: number) => boolean): void {
    for (const edit of editList({ open: start + 1, elements, isKept })) this.#edits.push(edit);
  }

  #isReasoning(item: ByteRange | undefined): boolean {
    const type = item && lastMember(readMembers(this.#body, item.start).members, "type");
    return type !== undefined && textAt(this.#body, type.value) === "reasoning";
  }

  /** An earlier member of the same name says nothing: the last one counts. */
  #fitRoles({ value }: MemberPlace): void {
    if (this.#rules.plainSystem !== true) return;
    for (const { start } of readElements(this.#body, value.start).elements) {
      const role = lastMember(readMembers(this.#body, start).members, "role");
      if (role === undefined || textAt(this.#body, role.value) !== "developer") continue;
      this.#edits.push({ ...role.value, text: '"system"' });
      this.#warnings.add("developer turns sent as system turns");
    }
  }

  #fitCommon(place: MemberPlace, effortName: string): void {
    const { sampling } = this.#rules;
    if (sampling === undefined || !this.#isSampling(place)) return;
    if (!isSamplingTaken(sampling, this.#effort(effortName))) this.#drop(place);
  }

  #isLeftOut({ name }: MemberPlace): boolean {
    return this.#rules.omit?.includes(name) === true && name !== "model";
  }

  #isSampling({ name, value }: MemberPlace): boolean {
    if (samplingNames.has(name)) return valueAt(this.#body, value) !== null;
    if (!probabilityNames.has(name)) return false;
    const asked = valueAt(this.#body, value);
    return asked === false || asked === 0;
  }

  /** The effort that the client asks for; undefined where it asks for none, as `null` does. */
  #effort(name: string): string | undefined {
    const place = lastMember(this.#members, name);
    const given = place && valueAt(this.#body, place.value);
    const effort = isObject(given) ? given["effort"] : given;
    return typeof effort === "string" ? effort : undefined;
  }

  #drop(place: MemberPlace): void {
    this.#gone.add(place);
    this.#warnings.add(`${place.name} dropped`);
  }
}
