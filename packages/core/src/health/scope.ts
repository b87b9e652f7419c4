import type { HealthScope } from "../policy/outcome.ts";

/** One thing that a call can try: a provider, one of its keys by index, and the upstream model. */
export interface Candidate {
  readonly provider: string;
  readonly keyIndex: number;
  readonly model: string;
}

/** What a circuit is kept for. */
export type CircuitScope =
  | { readonly type: "provider"; readonly provider: string }
  | { readonly type: "deployment"; readonly provider: string; readonly model: string }
  | { readonly type: "key"; readonly provider: string; readonly keyIndex: number }
  | { readonly type: "key-deployment"; readonly provider: string; readonly keyIndex: number; readonly model: string };

/** The scope that a charge against `candidate` falls on. */
export function scopeOf(candidate: Candidate, type: HealthScope): CircuitScope {
  const { provider, keyIndex, model } = candidate;
  switch (type) {
    case "provider":
      return { type, provider };
    case "deployment":
      return { type, provider, model };
    case "key":
      return { type, provider, keyIndex };
    case "key-deployment":
      return { type, provider, keyIndex, model };
  }
}

/** A name of the scope that is unique within its provider; fit for logs and labels. */
export function scopeName(scope: CircuitScope): string {
  switch (scope.type) {
    case "provider":
      return "provider";
    case "deployment":
      return `deployment ${scope.model}`;
    case "key":
      return `key ${scope.keyIndex}`;
    case "key-deployment":
      return `key ${scope.keyIndex} deployment ${scope.model}`;
  }
}

/** The names of all scopes that stand in `candidate`'s way. */
export function scopeNamesOf(candidate: Candidate): readonly string[] {
  const { keyIndex, model } = candidate;
  return ["provider", `deployment ${model}`, `key ${keyIndex}`, `key ${keyIndex} deployment ${model}`];
}
