import type { Control } from "../control/control.ts";

/** A decision of an operator that is in force, as `/providers` and the status page show it. */
export interface ControlView {
  readonly type: "provider" | "client" | "session";
  /** The name of the provider or client, or the mark of the session. */
  readonly name: string;
  /** The key's place in the configuration, from 1; null: every key. */
  readonly key: number | null;
  /** The upstream model; null: every model. */
  readonly model: string | null;
  readonly state: string;
  /** Seconds until it ends by itself; null: when it is taken back. */
  readonly remaining: number | null;
  readonly by: string;
  readonly reason: string | null;
  /** ISO 8601. */
  readonly since: string;
}

export function controlView({ target, state, remainingMs, by, reason, version }: Control): ControlView {
  const place = target.type === "provider" ? target : undefined;
  return {
    type: target.type,
    name: target.type === "provider" ? target.provider : target.type === "client" ? target.client : target.session,
    key: place?.keyIndex === undefined ? null : place.keyIndex + 1,
    model: place?.model ?? null,
    state,
    remaining: remainingMs === null ? null : Math.ceil(remainingMs / 1_000),
    by,
    reason,
    since: new Date(version).toISOString(),
  };
}
