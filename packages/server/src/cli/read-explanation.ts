import type { ExplainedCandidateView, ExplanationView } from "../views/explanation-view.ts";
import type { NextRequestView } from "../views/providers-view.ts";

/** Reads the answer of `GET /providers/explain`, of this version or of a neighbouring one; undefined where it is something else. */
export function readExplanation(data: Readonly<Record<string, unknown>>): ExplanationView | undefined {
  const { model, candidates, others, waiting } = data;
  if (typeof model !== "string" || !Array.isArray(candidates)) return undefined;
  const listed = objects(candidates).map(candidateOf);
  return {
    model,
    candidates: listed,
    next_request: nextRequestOf(data["next_request"], listed),
    others: objects(Array.isArray(others) ? others : []).map((entry) => ({
      provider: text(entry["provider"]),
      why: text(entry["why"]),
    })),
    waiting: typeof waiting === "number" ? waiting : 0,
    host_suspicion: suspicionOf(data["host_suspicion"]),
  };
}

function candidateOf(entry: Readonly<Record<string, unknown>>): ExplainedCandidateView {
  return {
    provider: text(entry["provider"]),
    key: typeof entry["key"] === "number" ? entry["key"] : 1,
    upstream_model: text(entry["upstream_model"]),
    standing: text(entry["standing"]),
    why: text(entry["why"]),
    reason: textOrNull(entry["reason"]),
    words: textOrNull(entry["words"]),
    upstream_request_id: textOrNull(entry["upstream_request_id"]),
    limit: typeof entry["limit"] === "number" ? entry["limit"] : null,
    learned: textOrNull(entry["learned"]),
  };
}

const outcomes = ["served", "probe", "wait", "refused"] as const;
const waitReasons = ["room", "probe", "host", "hold"] as const;

/**
 * Reads what happens to a new request; null where no provider covers the model. Where an operator holds all that do, there is no candidate and a request
 * is refused all the same. Servers before 0.2 do not say it: there the first candidate takes the request, unless it is cooling down.
 */
function nextRequestOf(value: unknown, listed: readonly ExplainedCandidateView[]): NextRequestView | null {
  const [first] = listed;
  const [next] = objects([value]);
  if (next === undefined && (value === null || first === undefined)) return null;
  const { outcome, provider, waits_for: waitsFor, in: seconds } = next ?? {};
  const isOut = first === undefined || first.standing === "open";
  return {
    outcome: outcomes.find((word) => word === outcome) ?? (isOut ? "refused" : "served"),
    provider: next === undefined && !isOut ? first.provider : textOrNull(provider),
    waits_for: waitReasons.find((word) => word === waitsFor) ?? null,
    in: typeof seconds === "number" ? seconds : null,
  };
}

function suspicionOf(value: unknown): ExplanationView["host_suspicion"] {
  const [suspicion] = objects([value]);
  if (suspicion === undefined) return null;
  const { next_try_in: seconds } = suspicion;
  return { next_try_in: typeof seconds === "number" ? seconds : 0 };
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function objects(values: readonly unknown[]): readonly Readonly<Record<string, unknown>>[] {
  return values.flatMap((value) => (typeof value === "object" && value !== null ? [{ ...value }] : []));
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
