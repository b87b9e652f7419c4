import { type BalancerConfig, CcpbError, type ProviderConfig } from "@ccpb/core";
import { sessionMark } from "../base/session-mark.ts";
import type { ControlAction, ControlTarget } from "./control.ts";

/** The acts of the paths `/providers/{name}/…`. */
export const providerActions = ["disable", "drain", "enable", "reset", "test"] as const;

/** The acts of the paths `/clients/{name}/…` and `/sessions/{id}/…`. */
export const clientActions = ["block", "unblock"] as const;

export type RequestedAction = ControlAction | "test";

/** Target that the path of a control request names. */
export interface ControlPath {
  readonly kind: "providers" | "clients" | "sessions";
  readonly name: string;
  readonly action: RequestedAction;
}

/** Body of a control request; every member is optional. */
export interface ControlOptions {
  /** Index of the key, from 0. */
  readonly keyIndex?: number;
  readonly model?: string;
  readonly forMs?: number;
  readonly reason: string | null;
}

const actionsOf: Readonly<Record<ControlPath["kind"], readonly string[]>> = {
  providers: providerActions,
  clients: clientActions,
  sessions: clientActions,
};

const pathForm = /^\/(providers|clients|sessions)\/([^/]+)\/([a-z]+)$/;

/** Reads the path of a control request, such as `/providers/kimi/disable`; undefined for a path of anything else. */
export function readControlPath(path: string): ControlPath | undefined {
  const [, kind, encoded = "", action = ""] = pathForm.exec(path) ?? [];
  if (kind === undefined || !isKind(kind) || !actionsOf[kind].includes(action)) return undefined;
  const name = decoded(encoded);
  return name === undefined ? undefined : { kind, name, action: action as RequestedAction }; // one of `actionsOf`
}

function isKind(text: string): text is ControlPath["kind"] {
  return Object.hasOwn(actionsOf, text);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const known: readonly string[] = ["key", "model", "for", "reason"];

/** Reads the body of a control request: JSON or nothing. Throws `CcpbError` (400) that says what to write. */
export function parseControlBody(text: string): ControlOptions {
  if (text.trim() === "") return { reason: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badRequest('The body is no JSON; send an object such as {"for": "2h"}, or no body.', cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest('The body must be a JSON object, such as {"for": "2h"}.');
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw badRequest(`${quoted(unknown)} is not known here; known are ${known.join(", ")}.`);
  const { key, model, for: span, reason } = value as Readonly<Record<string, unknown>>; // members are checked one by one below
  return {
    ...(isGiven(key) && { keyIndex: keyIndexOf(key) }),
    ...(isGiven(model) && { model: textOf("model", model, 512) }),
    ...(isGiven(span) && { forMs: spanOf(span) }),
    reason: isGiven(reason) ? textOf("reason", reason, 200) : null,
  };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function keyIndexOf(key: unknown): number {
  if (typeof key === "number" && Number.isSafeInteger(key) && key >= 1) return key - 1;
  throw badRequest(`key is ${quoted(key)}; write the key's place in the configuration, from 1.`);
}

function textOf(name: string, value: unknown, most: number): string {
  // Control characters: no name has them, and a reason is one line of a log.
  if (typeof value === "string" && value !== "" && Buffer.byteLength(value) <= most && !/\p{Cc}/u.test(value))
    return value;
  throw badRequest(`${name} must be a text of 1 to ${most} bytes on one line.`);
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The longest `for`. */
const longestMs = 30 * 86_400_000;

/** Reads a span such as `90s`, `10m`, `2h` or `7d` as milliseconds; undefined for anything else, and for more than 30 days. */
export function readSpan(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d{1,9})(s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(amount) * (unitMs[unit] ?? Number.NaN);
  return ms > 0 && ms <= longestMs ? ms : undefined;
}

function spanOf(value: unknown): number {
  const ms = typeof value === "string" ? readSpan(value) : undefined;
  if (ms === undefined)
    throw badRequest(`for is ${quoted(value)}; write a span such as 90s, 10m, 2h or 7d, of 30 days at most.`);
  return ms;
}

/**
 * Returns the target that a request names.
 *
 * @param clients - The names of the clients; undefined where any name may be one.
 * @throws `CcpbError`: 404 for a provider, key, model or client that the configuration does not have, 400 for a member that the act does not take.
 */
export function targetOf(
  { kind, name, action }: ControlPath,
  options: ControlOptions,
  { config, clients }: { readonly config: BalancerConfig; readonly clients: readonly string[] | undefined },
): ControlTarget {
  const { keyIndex, model, forMs } = options;
  if (forMs !== undefined && !["disable", "drain", "block"].includes(action)) {
    throw badRequest(`for makes no sense with ${action}: it does not last.`);
  }
  if (kind === "providers") return providerTarget(name, { keyIndex, model }, config);
  if (keyIndex !== undefined || model !== undefined) throw badRequest("key and model are of providers.");
  if (kind === "sessions") return { type: "session", session: sessionMark(name) };
  if (clients !== undefined && !clients.includes(name)) {
    throw notFound(`No client is named ${quoted(name)}; the configuration has ${listed(clients)}.`);
  }
  return { type: "client", client: name };
}

function providerTarget(
  name: string,
  { keyIndex, model }: { readonly keyIndex: number | undefined; readonly model: string | undefined },
  config: BalancerConfig,
): ControlTarget {
  const provider = config.providers.find((one) => one.name === name);
  if (provider === undefined) {
    throw notFound(
      `No provider is named ${quoted(name)}; the configuration has ${listed(config.providers.map((one) => one.name))}.`,
    );
  }
  const keys = "keys" in provider.auth ? provider.auth.keys.length : 1;
  if (keyIndex !== undefined && keyIndex >= keys) {
    throw notFound(`${name} has ${keys === 1 ? "one key" : `${keys} keys`}; there is no key ${keyIndex + 1}.`);
  }
  const models = upstreamModelsOf(provider, config);
  if (model !== undefined && models !== undefined && !models.includes(model)) {
    throw notFound(`${name} is never asked for ${quoted(model)}; its upstream models are ${listed(models)}.`);
  }
  return {
    type: "provider",
    provider: name,
    ...(keyIndex !== undefined && { keyIndex }),
    ...(model !== undefined && { model }),
  };
}

/** Returns how many keys a provider has, and the upstream models that the configuration names for it; none where clients name them. */
export function partsOf(
  provider: ProviderConfig,
  config: BalancerConfig,
): { readonly keys: number; readonly models: readonly string[] } {
  const keys = "keys" in provider.auth ? provider.auth.keys.length : 1;
  return { keys, models: upstreamModelsOf(provider, config) ?? [] };
}

/** The upstream models that the configuration names for a provider; undefined where clients name them. */
function upstreamModelsOf(provider: ProviderConfig, { routes = [] }: BalancerConfig): readonly string[] | undefined {
  const { name, bigModel, smallModel, models = [] } = provider;
  const routed = routes.flatMap(({ candidates }) => candidates.filter((one) => one.provider === name));
  const all = [bigModel, smallModel, ...models.map(({ model }) => model), ...routed.map(({ model }) => model)];
  const named = all.filter((model) => model !== undefined);
  return named.includes("passthrough") ? undefined : [...new Set(named)];
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const shown = names.slice(0, 20).map((name) => name.slice(0, 100));
  return shown.join(", ") + (names.length > shown.length ? ", …" : "");
}

function quoted(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 100);
}

function badRequest(message: string, cause?: unknown): CcpbError {
  return new CcpbError("invalid_request", message, {
    status: 400,
    type: "invalid_request_error",
    ...(cause !== undefined && { cause }),
  });
}

function notFound(message: string): CcpbError {
  return new CcpbError("invalid_request", message, { status: 404, type: "not_found_error" });
}
