import { isObject } from "../base/json.ts";
import { reasonClasses, type ReasonClass } from "../base/outcome.ts";
import { openingLimit, type SharedCircuit, type SharedOpening } from "./merge.ts";
import { control, isName } from "./foreign-name.ts";
import { parseLessons, type SharedLesson } from "./shared-lessons.ts";
import { parseQuotas } from "./shared-quotas.ts";
import type { QuotaWindow } from "../base/quota-window.ts";
import type { CircuitScope } from "../base/scope.ts";

/** Message about one circuit from one process to the others: plain JSON without secrets. */
export interface HealthChange {
  /** Circuit that the message is about. */
  readonly scope: CircuitScope;
  /** State of the circuit, to be joined with `mergeShared`. */
  readonly circuit: SharedCircuit;
  /** Lessons about the model, in the scope `deployment`; absent without lessons. */
  readonly lessons?: readonly SharedLesson[];
  /**
   * Quota windows that the provider has stated, in the scopes `key` and `key-deployment`, to be joined with
   * `mergeQuotas`; absent without windows. Times are by the same clock as those of the circuit.
   */
  readonly quotas?: readonly QuotaWindow[];
  /**
   * The change comes from a process of this very host that uses the same network and is trusted, such as a worker under the same primary: all of it is
   * taken over. Never set by `parseHealthChange`. Default `false`: of what another host says, only the provider's own word is taken over.
   */
  readonly isSameHost?: boolean;
}

/**
 * Shares health between processes in the background. Changes may arrive late, twice and in any order.
 *
 * The balancer takes over from another host only what the provider itself has said there (statuses, refused
 * credentials, stated waits), for at most `maxCooldownMs`, besides resets, and lessons and quota windows within the
 * bounds of `parseHealthChange`. Failed connections, TLS, DNS, timeouts and broken streams of another host change nothing. See
 * `HealthChange.isSameHost`.
 */
export interface HealthReplica {
  /**
   * Sends a change to the other processes. It returns at once and never throws, so that a dead store cannot slow or
   * fail a request.
   *
   * @param change - plain JSON without secrets.
   */
  publish(change: HealthChange): void;
  /**
   * Adds a listener to the changes of other processes.
   *
   * @param apply - called with each change, in any order.
   * @returns the subscription; disposing it ends it.
   */
  subscribe(apply: (change: HealthChange) => void): Disposable;
}

// Reasons are ours and short.
const detailLimit = 200;

/**
 * Reads a `HealthChange` from foreign JSON, such as a message of another process. Names of more than 512 bytes or
 * with control characters (C0, C1, bidirectional) are refused. Details of reasons are cut to 200 characters without
 * such characters. Lessons that this version cannot teach, and quota windows that cannot be reckoned with, are left
 * out.
 *
 * @param value - any value.
 * @returns the change; undefined if the value is none.
 * @example
 * ```ts
 * console.log(parseHealthChange({ scope: "everything" })); // undefined
 * ```
 */
export function parseHealthChange(value: unknown): HealthChange | undefined {
  if (!isObject(value)) return undefined;
  const scope = parseScope(value["scope"]);
  const circuit = parseCircuit(value["circuit"]);
  if (scope === undefined || circuit === undefined) return undefined;
  if (value["lessons"] === undefined && value["quotas"] === undefined) return { scope, circuit };
  if ("keyIndex" in scope && value["lessons"] === undefined) {
    const quotas = parseQuotas(value["quotas"]);
    return quotas && { scope, circuit, quotas };
  }
  const lessons = scope.type === "deployment" ? parseLessons(value["lessons"]) : undefined;
  return lessons && { scope, circuit, lessons };
}

function parseScope(value: unknown): CircuitScope | undefined {
  if (!isObject(value)) return undefined;
  const { type, provider, keyIndex, model } = value;
  if (!isName(provider)) return undefined;
  if (type === "provider") return { type, provider };
  if (type === "deployment") return isName(model) ? { type, provider, model } : undefined;
  if (type !== "key" && type !== "key-deployment") return undefined;
  if (typeof keyIndex !== "number" || !Number.isSafeInteger(keyIndex) || keyIndex < 0) return undefined;
  if (type === "key") return { type, provider, keyIndex };
  return isName(model) ? { type, provider, keyIndex, model } : undefined;
}

function parseCircuit(value: unknown): SharedCircuit | undefined {
  if (!isObject(value)) return undefined;
  const { openings, recoveredThroughMs, servedElsewhereThroughMs, resetThroughMs } = value;
  if (!isTime(recoveredThroughMs) || !Array.isArray(openings) || openings.length > 2 * openingLimit) return undefined;
  const parsed = openings.map(parseOpening);
  if (parsed.includes(undefined)) return undefined;
  if (servedElsewhereThroughMs !== undefined && !isTime(servedElsewhereThroughMs)) return undefined;
  if (resetThroughMs !== undefined && !isTime(resetThroughMs)) return undefined;
  return {
    openings: parsed.filter((opening) => opening !== undefined),
    recoveredThroughMs,
    ...(servedElsewhereThroughMs !== undefined && { servedElsewhereThroughMs }),
    ...(resetThroughMs !== undefined && { resetThroughMs }),
  };
}

function parseOpening(value: unknown): SharedOpening | undefined {
  if (!isObject(value) || !isObject(value["reason"])) return undefined;
  const { openedAtMs, untilMs, backoffMs, failedProbes } = value;
  const { class: reasonClass, detail } = value["reason"];
  if (!isTime(openedAtMs) || !isTime(untilMs) || !isTime(backoffMs)) return undefined;
  if (typeof failedProbes !== "number" || !Number.isSafeInteger(failedProbes) || failedProbes < 0) return undefined;
  if (!isReasonClass(reasonClass) || typeof detail !== "string") return undefined;
  const shown = detail.slice(0, detailLimit).replaceAll(control, "�");
  return { openedAtMs, untilMs, backoffMs, failedProbes, reason: { class: reasonClass, detail: shown } };
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isReasonClass(value: unknown): value is ReasonClass {
  return reasonClasses.some((known) => known === value);
}
