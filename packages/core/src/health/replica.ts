import { reasonClasses, type ReasonClass } from "../policy/outcome.ts";
import type { SharedCircuit, SharedOpening } from "./merge.ts";
import type { CircuitScope } from "./scope.ts";

/** What one process tells the others about one circuit; plain JSON, no secrets. */
export interface HealthChange {
  readonly scope: CircuitScope;
  readonly circuit: SharedCircuit;
}

/** Background sharing of health between processes. `publish` returns at once and never throws; changes may arrive late, twice, in any order. */
export interface HealthReplica {
  publish(change: HealthChange): void;
  subscribe(apply: (change: HealthChange) => void): Disposable;
}

/** Reads a `HealthChange` out of foreign JSON, such as a message of another process; `undefined` for anything else. */
export function parseHealthChange(value: unknown): HealthChange | undefined {
  if (!isRecord(value)) return undefined;
  const scope = parseScope(value["scope"]);
  const circuit = parseCircuit(value["circuit"]);
  return scope && circuit && { scope, circuit };
}

function parseScope(value: unknown): CircuitScope | undefined {
  if (!isRecord(value)) return undefined;
  const { type, provider, keyIndex, model } = value;
  if (typeof provider !== "string") return undefined;
  if (type === "provider") return { type, provider };
  if (type === "deployment") return typeof model === "string" ? { type, provider, model } : undefined;
  if (type !== "key" && type !== "key-deployment") return undefined;
  if (typeof keyIndex !== "number" || !Number.isSafeInteger(keyIndex) || keyIndex < 0) return undefined;
  if (type === "key") return { type, provider, keyIndex };
  return typeof model === "string" ? { type, provider, keyIndex, model } : undefined;
}

function parseCircuit(value: unknown): SharedCircuit | undefined {
  if (!isRecord(value)) return undefined;
  const { openings, recoveredThroughMs } = value;
  if (!isTime(recoveredThroughMs) || !Array.isArray(openings) || openings.length > 100) return undefined;
  const parsed = openings.map(parseOpening);
  if (parsed.includes(undefined)) return undefined;
  return { openings: parsed.filter((opening) => opening !== undefined), recoveredThroughMs };
}

function parseOpening(value: unknown): SharedOpening | undefined {
  if (!isRecord(value) || !isRecord(value["reason"])) return undefined;
  const { openedAtMs, untilMs, backoffMs, failedProbes } = value;
  const { class: reasonClass, detail } = value["reason"];
  if (!isTime(openedAtMs) || !isTime(untilMs) || !isTime(backoffMs) || !isTime(failedProbes)) return undefined;
  if (!isReasonClass(reasonClass) || typeof detail !== "string") return undefined;
  return { openedAtMs, untilMs, backoffMs, failedProbes, reason: { class: reasonClass, detail } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isReasonClass(value: unknown): value is ReasonClass {
  return reasonClasses.some((known) => known === value);
}
