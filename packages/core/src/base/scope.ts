import type { HealthScope } from "./outcome.ts";

/** One thing that a call can try: a provider, one of its keys by index, and the upstream model. */
export interface Candidate {
  readonly provider: string;
  readonly keyIndex: number;
  readonly model: string;
  /** A digest of the client's own credential, where the provider is paid with it (`auth_type: passthrough`). */
  readonly login?: string;
}

/** Part of the configuration that a circuit is kept for. */
export type CircuitScope =
  | { readonly type: "provider"; readonly provider: string }
  | { readonly type: "deployment"; readonly provider: string; readonly model: string }
  | { readonly type: "key"; readonly provider: string; readonly keyIndex: number }
  | { readonly type: "key-deployment"; readonly provider: string; readonly keyIndex: number; readonly model: string };

/** The same, or a client's own credential by its digest, alone or with a model: kept by this process alone. */
export type CellScope =
  | CircuitScope
  | { readonly type: "login"; readonly provider: string; readonly login: string }
  | { readonly type: "login-deployment"; readonly provider: string; readonly login: string; readonly model: string };

/** Returns the scope that a charge against `candidate` falls on. */
export function scopeOf(candidate: Candidate, type: HealthScope): CellScope {
  const { provider, keyIndex, model, login } = candidate;
  if (login !== undefined && type === "key") return { type: "login", provider, login };
  if (login !== undefined && type === "key-deployment") return { type: "login-deployment", provider, login, model };
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

/** Returns a name of the scope that is unique within its provider. It may hold the digest of a client's credential: `shownScope` is for logs. */
export function scopeName(scope: CellScope): string {
  switch (scope.type) {
    case "provider":
      return "provider";
    case "deployment":
      return `deployment ${scope.model}`;
    case "key":
      return `key ${scope.keyIndex}`;
    case "key-deployment":
      return `key ${scope.keyIndex} deployment ${scope.model}`;
    case "login":
      return `login ${scope.login}`;
    case "login-deployment":
      return `login ${scope.login} deployment ${scope.model}`;
  }
}

/** Returns the name of the scope for logs and events: keys are counted from 1, and of a client's own credential it says only that it is one. */
export function shownScope(scope: CellScope): string {
  switch (scope.type) {
    case "provider":
    case "deployment":
      return scopeName(scope);
    case "key":
      return `key ${scope.keyIndex + 1}`;
    case "key-deployment":
      return `key ${scope.keyIndex + 1} deployment ${scope.model}`;
    case "login":
      return "login";
    case "login-deployment":
      return `login deployment ${scope.model}`;
  }
}

/** Returns the names of all scopes that stand in `candidate`'s way. */
export function scopeNamesOf(candidate: Candidate): readonly string[] {
  const { keyIndex, model, login } = candidate;
  const payer = login === undefined ? `key ${keyIndex}` : `login ${login}`;
  return ["provider", `deployment ${model}`, payer, `${payer} deployment ${model}`];
}

/** Decides whether other processes may be told of a circuit: not of one that is kept for a client's own credential. */
export function isShareable(scope: CellScope): scope is CircuitScope {
  return !("login" in scope);
}
