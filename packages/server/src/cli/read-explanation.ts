import type { ExplanationView } from "../views/explanation-view.ts";

/** Reads the answer of `GET /providers/explain`, of this version or of a neighbouring one; undefined where it is something else. */
export function readExplanation(data: Readonly<Record<string, unknown>>): ExplanationView | undefined {
  const { model, candidates, others, waiting } = data;
  if (typeof model !== "string" || !Array.isArray(candidates)) return undefined;
  return {
    model,
    candidates: objects(candidates).map((entry) => ({
      provider: text(entry["provider"]),
      key_index: typeof entry["key_index"] === "number" ? entry["key_index"] : 0,
      upstream_model: text(entry["upstream_model"]),
      standing: text(entry["standing"]),
      why: text(entry["why"]),
      reason: textOrNull(entry["reason"]),
      words: textOrNull(entry["words"]),
      upstream_request_id: textOrNull(entry["upstream_request_id"]),
      limit: typeof entry["limit"] === "number" ? entry["limit"] : null,
    })),
    others: objects(Array.isArray(others) ? others : []).map((entry) => ({
      provider: text(entry["provider"]),
      why: text(entry["why"]),
    })),
    waiting: typeof waiting === "number" ? waiting : 0,
    host_suspicion: suspicionOf(data["host_suspicion"]),
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
