import type { CircuitScope, HealthChange, Reason } from "@ccpb/core";

/** The form of what travels; a message with another number is not read. */
export const wireVersion = 1;

/** An opening as it travels: durations, counted from the moment of sending, since the clocks of two hosts need not agree. */
export interface WireOpening {
  /** Names the opening everywhere, whoever passes it on. */
  readonly id: string;
  readonly ageMs: number;
  /** Negative once the cooldown is over. */
  readonly remainingMs: number;
  readonly backoffMs: number;
  readonly failedProbes: number;
  readonly reason: Reason;
}

export interface WireChange {
  readonly scope: CircuitScope;
  /** What the scope stands for at the sender; who has something else under the same name does not take it in. */
  readonly identity: string;
  readonly openings: readonly WireOpening[];
  /** Every opening older than this has been answered by a success. */
  readonly recovery: { readonly id: string; readonly agoMs: number } | null;
}

/** What one process says: over the channel only what is new, in its key all that it knows. */
export interface WireMessage {
  readonly ccpb: typeof wireVersion;
  readonly from: string;
  /** The sender's monotonic clock; says nothing but how far apart two of its messages are. */
  readonly sentAtMs: number;
  readonly changes: readonly WireChange[];
}

/** The message in foreign text, or why it is none of ours; what is inside the openings is for `readChange` to judge. */
export function parseMessage(text: string): WireMessage | { readonly fault: string } {
  if (text.length > 2_000_000) return { fault: "a message of more than 2 MB" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: "a message that is no JSON" };
  }
  if (!isRecord(value) || !("ccpb" in value)) return { fault: "a message of another program" };
  const { ccpb, from, sentAtMs, changes } = value;
  if (ccpb !== wireVersion) return { fault: `a message of version ${quote(ccpb)} (this is version ${wireVersion})` };
  if (typeof from !== "string" || from === "" || from.length > 64) return { fault: "a message without a sender" };
  if (typeof sentAtMs !== "number" || !Number.isFinite(sentAtMs)) return { fault: "a message without a time" };
  if (!Array.isArray(changes) || changes.length > 5_000) return { fault: "a message without changes" };
  const parsed = changes.map(parseChange);
  if (parsed.includes(undefined)) return { fault: "a message with a change that cannot be read" };
  return { ccpb, from, sentAtMs, changes: parsed.filter((change) => change !== undefined) };
}

function parseChange(value: unknown): WireChange | undefined {
  if (!isRecord(value)) return undefined;
  const { scope, identity, openings, recovery } = value;
  if (!isRecord(scope) || typeof identity !== "string" || !Array.isArray(openings) || openings.length > 100)
    return undefined;
  const parsed = openings.map(parseOpening);
  if (parsed.includes(undefined)) return undefined;
  const known = { identity, openings: parsed.filter((opening) => opening !== undefined) };
  // Its members are checked where the whole is put together: by core's own parser.
  const typedScope = scope as unknown as CircuitScope;
  if (recovery === null) return { scope: typedScope, ...known, recovery };
  if (!isRecord(recovery) || !isId(recovery["id"]) || !isDuration(recovery["agoMs"])) return undefined;
  return { scope: typedScope, ...known, recovery: { id: recovery["id"], agoMs: recovery["agoMs"] } };
}

function parseOpening(value: unknown): WireOpening | undefined {
  if (!isRecord(value)) return undefined;
  const { id, ageMs, remainingMs, backoffMs, failedProbes, reason } = value;
  if (!isId(id) || !isDuration(ageMs) || !isDuration(remainingMs) || !isDuration(backoffMs)) return undefined;
  if (typeof failedProbes !== "number" || !isRecord(reason)) return undefined;
  return { id, ageMs, remainingMs, backoffMs, failedProbes, reason: reason as unknown as Reason };
}

// Longer than anything that a circuit lasts; keeps sums of times far from where numbers lose their milliseconds.
const longestMs = 30 * 24 * 3_600_000;

function isDuration(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= longestMs;
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 100;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function quote(value: unknown): string {
  return (JSON.stringify(value) ?? "undefined").slice(0, 40);
}

/** One name for a scope among all providers. */
export function scopeKey(scope: HealthChange["scope"]): string {
  const { type, provider } = scope;
  return JSON.stringify([
    type,
    provider,
    "keyIndex" in scope ? scope.keyIndex : null,
    "model" in scope ? scope.model : null,
  ]);
}
