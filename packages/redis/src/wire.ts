import { type CircuitScope, type HealthChange, parseHealthChange, type Reason } from "@ccpb/core";

import type { WireControl } from "./shared-controls.ts";

/** The form of what travels; a message with another number is not read. */
export const wireVersion = 1;

/** An opening as it travels: durations, counted from the moment of sending, since the clocks of two hosts need not agree. */
export interface WireOpening {
  /** Id of the opening in every process, whichever passes it on. */
  readonly id: string;
  /** Never below zero. */
  readonly ageMs: number;
  /** Negative once the cooldown is over. */
  readonly remainingMs: number;
  readonly backoffMs: number;
  readonly failedProbes: number;
  readonly reason: Reason;
}

export interface WireChange {
  readonly scope: CircuitScope;
  /** Identity of the scope at the sender. A process with another identity under the same name ignores the change. */
  readonly identity: string;
  readonly openings: readonly WireOpening[];
  /** Every opening older than this has been answered by a success. */
  readonly recovery: WireMoment | null;
  /**
   * Last reset by an operator of the circuit, or of all circuits of a provider; older openings of any kind no longer
   * count. Absent: never.
   */
  readonly reset?: WireMoment;
  /** Lessons about a model, in the scope `deployment`. Absent without lessons. */
  readonly lessons?: readonly WireLesson[];
  /** Quota windows of a key, in the scopes `key` and `key-deployment`. Absent without windows; older versions ignore it. */
  readonly quotas?: readonly WireQuota[];
}

/** A quota window as it travels, and how long ago an answer stated it. Core's own parser judges what it says. */
export interface WireQuota extends WireMoment {
  /** The members of a window without its times. `resetsInMs`: counted from when it was stated; null where that was not said. */
  readonly window: Readonly<Record<string, unknown>>;
}

/** A lesson as it travels: its row and members, and how long ago it was learned. Core's own parser judges what it says. */
export interface WireLesson extends WireMoment {
  readonly lesson: { readonly id: string; readonly profile: Readonly<Record<string, unknown>> };
}

/** A moment as it travels: its name, and how long ago it was; never below zero. */
export interface WireMoment {
  readonly id: string;
  readonly agoMs: number;
}

/** Message of one process: over the channel only news, in its key all that it knows. */
export interface WireMessage {
  readonly ccpb: typeof wireVersion;
  readonly from: string;
  /** The sender's monotonic clock; says nothing but how far apart two of its messages are. */
  readonly sentAtMs: number;
  readonly changes: readonly WireChange[];
  /** Decisions of the sender's operators; absent without any. Older versions ignore this member. */
  readonly controls?: readonly WireControl[];
}

/** The longest message and the longest view that are read, in bytes, and so in characters. */
export const messageLimit = 2_000_000;

/** Returns the message in foreign text, or why it is none of ours; what is inside the openings is for `readChange` to judge. */
export function parseMessage(text: string): WireMessage | { readonly fault: string } {
  if (text.length > messageLimit) return { fault: "a message of more than 2 MB" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: "a message that is no JSON" };
  }
  if (!isRecord(value) || !("ccpb" in value)) return { fault: "a message of another program" };
  const { ccpb, from, sentAtMs, changes, controls } = value;
  if (ccpb !== wireVersion) return { fault: `a message of ${versionText(ccpb)} (this is version ${wireVersion})` };
  if (typeof from !== "string" || from === "" || from.length > 64 || !isPlain(from))
    return { fault: "a message without a sender" };
  if (typeof sentAtMs !== "number" || !(Math.abs(sentAtMs) <= latestMs)) return { fault: "a message without a time" };
  if (!Array.isArray(changes) || changes.length > 5_000) return { fault: "a message without changes" };
  const parsed = changes.map(parseChange);
  if (parsed.includes(undefined)) return { fault: "a message with a change that cannot be read" };
  const decided = controls === undefined ? [] : parseControls(controls);
  if (decided === undefined) return { fault: "a message with a decision that cannot be read" };
  return {
    ccpb,
    from,
    sentAtMs,
    changes: parsed.filter((change) => change !== undefined),
    ...(decided.length > 0 && { controls: decided }),
  };
}

/** More than any process says of its own. */
const mostControls = 200;

function parseControls(value: unknown): readonly WireControl[] | undefined {
  if (!Array.isArray(value) || value.length > mostControls) return undefined;
  const parsed = value.map(parseControl);
  return parsed.includes(undefined) ? undefined : parsed.filter((control) => control !== undefined);
}

function parseControl(value: unknown): WireControl | undefined {
  if (!isRecord(value)) return undefined;
  const { target, state, version, forMs, remainingMs, by, reason, proof } = value;
  if (!isText(target, 2_000) || !isText(by, 200) || !isText(proof, 100)) return undefined;
  if (typeof state !== "string" || !/^[a-z]{1,16}$/.test(state)) return undefined;
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 0) return undefined;
  if (!isSpan(forMs) || !isSpan(remainingMs) || (reason !== null && !isText(reason, 400))) return undefined;
  return { target, state, version, forMs, remainingMs, by, reason, proof };
}

function isText(value: unknown, most: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= most;
}

function isSpan(value: unknown): value is number | null {
  return value === null || (isDuration(value) && value > 0);
}

function parseChange(value: unknown): WireChange | undefined {
  if (!isRecord(value)) return undefined;
  const { identity, openings, recovery, reset, lessons = [], quotas = [] } = value;
  const scope = parseScope(value["scope"]);
  if (scope === undefined || typeof identity !== "string" || identity.length > 256) return undefined;
  if (!Array.isArray(openings) || openings.length > mostOpenings) return undefined;
  const parsed = openings.map(parseOpening);
  if (parsed.includes(undefined)) return undefined;
  if (!Array.isArray(lessons) || lessons.length > mostLessons) return undefined;
  const taught = lessons.map(parseLesson);
  if (taught.includes(undefined)) return undefined;
  const stated = parseQuotas(quotas, scope);
  if (stated === undefined) return undefined;
  if ((recovery !== null && !isMoment(recovery)) || (reset !== undefined && !isMoment(reset))) return undefined;
  return {
    scope,
    identity,
    openings: parsed.filter((opening) => opening !== undefined),
    recovery: recovery === null ? null : { id: recovery.id, agoMs: recovery.agoMs },
    ...(reset !== undefined && { reset: { id: reset.id, agoMs: reset.agoMs } }),
    ...(taught.length > 0 && { lessons: taught.filter((lesson) => lesson !== undefined) }),
    ...(stated.length > 0 && { quotas: stated }),
  };
}

function parseQuotas(value: unknown, scope: CircuitScope): readonly WireQuota[] | undefined {
  if (!Array.isArray(value) || value.length > mostQuotas || (value.length > 0 && !("keyIndex" in scope)))
    return undefined;
  const parsed = value.map((one: unknown): WireQuota | undefined =>
    isMoment(one) && isRecord(one) && isRecord(one["window"])
      ? { id: one.id, agoMs: one.agoMs, window: one["window"] }
      : undefined,
  );
  return parsed.includes(undefined) ? undefined : parsed.filter((quota) => quota !== undefined);
}

function parseLesson(value: unknown): WireLesson | undefined {
  if (!isMoment(value) || !isRecord(value)) return undefined;
  const { lesson } = value;
  if (!isRecord(lesson) || typeof lesson["id"] !== "string" || !isRecord(lesson["profile"])) return undefined;
  return { id: value.id, agoMs: value.agoMs, lesson: { id: lesson["id"], profile: lesson["profile"] } };
}

/** Returns the scope in foreign JSON, by core's own parser, which bounds names; `undefined` for anything else, or for a scope that is not shared. */
export function parseScope(scope: unknown): CircuitScope | undefined {
  return parseHealthChange({ scope, circuit: { openings: [], recoveredThroughMs: 0 } })?.scope;
}

function parseOpening(value: unknown): WireOpening | undefined {
  if (!isRecord(value)) return undefined;
  const { id, ageMs, remainingMs, backoffMs, failedProbes, reason } = value;
  if (!isId(id) || !isAge(ageMs) || !isDuration(remainingMs) || !isAge(backoffMs)) return undefined;
  if (typeof failedProbes !== "number" || !isRecord(reason)) return undefined;
  // Its members are checked where the whole is put together: by core's own parser.
  return { id, ageMs, remainingMs, backoffMs, failedProbes, reason: reason as unknown as Reason };
}

// More than core keeps of one circuit.
const mostOpenings = 16;
const mostLessons = 16;
const mostQuotas = 16;
// Longer than anything that a circuit lasts; keeps sums of times far from where numbers lose their milliseconds.
const longestMs = 30 * 24 * 3_600_000;
/** Age from which on a sighting of a quota window is not told any more, in milliseconds. */
export const longestAgeMs: number = longestMs - 24 * 3_600_000;
const latestMs = 1e14;

function isDuration(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= longestMs;
}

/** An age below zero is a time that has not come: it would outlast every success. */
function isAge(value: unknown): value is number {
  return isDuration(value) && value >= 0;
}

function isMoment(value: unknown): value is WireMoment {
  return isRecord(value) && isId(value["id"]) && isAge(value["agoMs"]);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 100;
}

function isPlain(text: string): boolean {
  return /^[\w.:-]+$/.test(text);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A version for a log line: nothing of a foreign text gets there. */
function versionText(version: unknown): string {
  return typeof version === "number" ? `version ${version}` : "another version";
}

/** Returns one name for a scope among all providers. */
export function scopeKey(scope: HealthChange["scope"]): string {
  const { type, provider } = scope;
  return JSON.stringify([
    type,
    provider,
    "keyIndex" in scope ? scope.keyIndex : null,
    "model" in scope ? scope.model : null,
  ]);
}
