/** Names the target of an operator's command: a provider, one of its keys (from 0) or upstream models, a client by name, or a session by its mark (`sessionMark`). */
export type ControlTarget =
  | { readonly type: "provider"; readonly provider: string; readonly keyIndex?: number; readonly model?: string }
  | { readonly type: "client"; readonly client: string }
  | { readonly type: "session"; readonly session: string };

/** The part of a target that belongs to a provider. */
export type ProviderTarget = Extract<ControlTarget, { readonly type: "provider" }>;

/** State of a target that is kept out: `disabled` or `draining` for providers (see `HoldType` of core), `blocked` for clients and sessions. */
export type ControlState = "disabled" | "draining" | "blocked";

/** One decision of an operator about one target. Plain JSON: workers and other servers are told the same. */
export interface Control {
  readonly target: ControlTarget;
  /** `free`: an earlier decision was taken back. */
  readonly state: ControlState | "free";
  /** Orders the decisions about a target: the time of the decision in epoch milliseconds, or one more than the decision before it. */
  readonly version: number;
  /** Milliseconds that it is to last in all; null: until it is taken back. */
  readonly forMs: number | null;
  /** Milliseconds until it ends by itself, when this was written; null: when it is taken back. */
  readonly remainingMs: number | null;
  /** Names who decided: a client's name, or `local` where the server has no keys. */
  readonly by: string;
  readonly reason: string | null;
}

/** The acts that change what is in force. */
export const controlActions = ["disable", "drain", "enable", "reset", "block", "unblock"] as const;

export type ControlAction = (typeof controlActions)[number];

/** Command of an operator, checked against the configuration. */
export interface ControlCommand {
  readonly action: ControlAction;
  readonly target: ControlTarget;
  /** Absent: until it is taken back. */
  readonly forMs?: number;
  readonly by: string;
  readonly reason: string | null;
}

/** Result of a command: the state of its target before and after it, and the number of decisions that it revoked. */
export interface ControlOutcome {
  readonly before: Control["state"];
  readonly after: Control["state"];
  readonly freed: number;
}

/** Returns one name for a target among all. */
export function targetKey(target: ControlTarget): string {
  switch (target.type) {
    case "provider":
      return JSON.stringify(["provider", target.provider, target.keyIndex ?? null, target.model ?? null]);
    case "client":
      return JSON.stringify(["client", target.client]);
    case "session":
      return JSON.stringify(["session", target.session]);
  }
}

/** Names a target for people: `key 2 of kimi at kimi-k2`. */
export function targetText(target: ControlTarget): string {
  switch (target.type) {
    case "provider": {
      const { provider, keyIndex, model } = target;
      const key = keyIndex === undefined ? provider : `key ${keyIndex + 1} of ${provider}`;
      return model === undefined ? key : `${key} at ${model}`;
    }
    case "client":
      return `client ${target.client}`;
    case "session":
      return `session ${target.session}`;
  }
}

/** Decides whether `part` is `whole` or lies in it: a key and a model lie in their provider. */
export function isWithin(part: ControlTarget, whole: ControlTarget): boolean {
  if (part.type !== "provider" || whole.type !== "provider") return targetKey(part) === targetKey(whole);
  if (whole.keyIndex !== undefined || whole.model !== undefined) return targetKey(part) === targetKey(whole);
  return part.provider === whole.provider;
}
