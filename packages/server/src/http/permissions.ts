import { CcpbError } from "@ccpb/core";
import { type ClientRole, type ClientSettings } from "@ccpb/core/config";
import { matchesGlob } from "@ccpb/core/internal";

/** Names the action of a route, for the table of permissions. */
export type Action =
  /** Shows that the server lives, or a page without data: `/health`, the empty page. */
  | "look"
  /** Has models answer. */
  | "ask-models"
  | "count-tokens"
  | "list-models"
  /** Providers and their health. */
  | "read-status"
  /** Calls of clients, sessions, and what clients used. */
  | "read-calls"
  | "read-usage"
  | "read-metrics"
  /** Reloads, resets, takes providers out of service and back. */
  | "control"
  /** Shuts a client or session out, and lets it in again. */
  | "block";

/** `own`: as far as it is about the asking client itself. */
export type Permission = "all" | "own" | "none";

/**
 * Permissions of each role by action. Each route of the server names its action (`routes/routes.ts`), and each
 * request is checked against this table. A server without keys treats every client as an operator.
 */
export const permissions: Readonly<Record<Action, Readonly<Record<ClientRole, Permission>>>> = {
  look: { client: "all", monitor: "all", operator: "all" },
  "ask-models": { client: "own", monitor: "none", operator: "all" },
  "count-tokens": { client: "own", monitor: "none", operator: "all" },
  "list-models": { client: "own", monitor: "all", operator: "all" },
  "read-status": { client: "own", monitor: "all", operator: "all" },
  "read-calls": { client: "none", monitor: "all", operator: "all" },
  "read-usage": { client: "own", monitor: "all", operator: "all" },
  "read-metrics": { client: "none", monitor: "all", operator: "all" },
  control: { client: "none", monitor: "none", operator: "all" },
  block: { client: "none", monitor: "none", operator: "all" },
};

/** Client that asks. */
export interface Caller {
  /** Name of the client; absent: no key was demanded. */
  readonly name?: string;
  readonly role: ClientRole;
  /** Limits of a named client from the configuration; absent for no limits. */
  readonly settings?: ClientSettings;
}

/** Returns which providers may serve a call of `caller` for a model, by name; undefined where all may. */
export function mayUseOf({ settings }: Caller): ((provider: string, model: string) => boolean) | undefined {
  if (settings === undefined) return undefined;
  const { models, providers } = settings;
  if (models.includes("*") && providers.includes("*")) return undefined;
  return (provider, model) => fitsOne(models, model) && fitsOne(providers, provider);
}

function fitsOne(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matchesGlob(pattern, name));
}

/** Returns how far `caller` may do `action`. */
export function permissionOf(caller: Caller, action: Action): Permission {
  return permissions[action][caller.role];
}

/** Returns the refusal (403) of what `caller` may not do at all; undefined where the request may go on. */
export function refuseAction(caller: Caller, action: Action): CcpbError | undefined {
  if (permissionOf(caller, action) !== "none") return undefined;
  const roles = Object.entries(permissions[action]).flatMap(([role, permission]) =>
    permission === "none" ? [] : [role],
  );
  const who = caller.name === undefined ? "This key" : `The key of client ${JSON.stringify(caller.name)}`;
  const message = `${who} has the role ${caller.role}, which may not do this; use a key with the role ${roles.join(" or ")} (settings.auth.clients).`;
  return new CcpbError("invalid_request", message, { status: 403, type: "permission_error", shouldRetry: false });
}
