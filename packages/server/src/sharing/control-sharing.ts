import { createHash, createHmac } from "node:crypto";
import type { BalancerConfig } from "@ccpb/core";
import type { ControlSharing, SharedControl } from "@ccpb/redis";
import type { ServerSettings } from "../config/server-settings.ts";
import { type Control, type ControlTarget, targetKey, targetText } from "../control/control.ts";
import type { ControlDesk } from "../control/control-desk.ts";
import type { Log } from "../log/log-types.ts";
import { readObject } from "../base/json-object.ts";

type Wanted = { readonly config: BalancerConfig; readonly server: ServerSettings };

/** Returns a decision as it is told to other servers. */
export function sharedControl({ target, ...control }: Control): SharedControl {
  return { ...control, target: JSON.stringify(target) };
}

/**
 * Returns a function that makes the proof of a decision: a digest keyed by what only servers of one installation know. For a provider that is its address
 * with its keys, or with one of them where the decision is about that key; for clients, sessions and providers without keys the server's own keys. So who
 * can only write to the Redis can make up no decision. It returns `undefined` for a target that the configuration does not have.
 */
export function controlProofs({ config, server }: Wanted): ControlSharing["prove"] {
  const own = ownDigests(server);
  return (control) => {
    const target = readTarget(control.target);
    const secret = target && secretOf(target, config, own);
    if (secret === undefined) return undefined;
    const { state, version, forMs, by, reason } = control;
    const content = JSON.stringify([control.target, state, version, forMs, by, reason]);
    return createHmac("sha256", digest(secret)).update(content).digest("base64url").slice(0, 32);
  };
}

function secretOf(
  target: ControlTarget,
  config: BalancerConfig,
  own: readonly string[],
): readonly unknown[] | undefined {
  if (target.type !== "provider") return ["server", own];
  const provider = config.providers.find(({ name }) => name === target.provider);
  if (provider === undefined) return undefined;
  const { type, baseUrl, auth } = provider;
  const keys = "keys" in auth ? auth.keys : [];
  if (target.keyIndex === undefined) return [type, baseUrl, keys.length > 0 ? keys.toSorted() : own];
  const key = keys[target.keyIndex];
  return key === undefined && target.keyIndex > 0 ? undefined : [type, baseUrl, key ?? own];
}

/** The digests of the server's own keys, sorted: a configuration may have the digest of a key alone. */
function ownDigests({ auth: { apiKeys, clients = [] } }: ServerSettings): readonly string[] {
  const named = clients.map(({ key, keySha256 }) => (key === undefined ? (keySha256 ?? "") : sha256(key)));
  return [...apiKeys.map(sha256), ...named].toSorted();
}

function sha256(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

function digest(parts: readonly unknown[]): Buffer {
  return createHash("sha256").update(JSON.stringify(parts)).digest();
}

/** Takes what other servers have decided to the desk, with a line in the log for each that is news. */
export function takeControls(desk: ControlDesk, log: Log): ControlSharing["onControl"] {
  return ({ target: text, ...control }) => {
    const target = readTarget(text);
    if (target === undefined || !isState(control.state)) return;
    const { state, by, reason, forMs } = control;
    if (!desk.take({ ...control, target, state })) return;
    const said = state === "free" ? "in service again" : state;
    log.write("INFO", "control", `${by} at another server: ${targetText(target)} is ${said}`, {
      target: targetKey(target),
      by,
      via: "another server",
      after: state,
      for_ms: state === "free" ? null : forMs,
      reason,
    });
  };
}

function isState(state: string): state is Control["state"] {
  return state === "disabled" || state === "draining" || state === "blocked" || state === "free";
}

/** The target in foreign JSON; undefined for anything else. */
function readTarget(text: string): ControlTarget | undefined {
  const value = readObject(text);
  if (value === undefined) return undefined;
  const { type, provider, keyIndex, model, client, session } = value;
  const target = targetIn({ type, provider, keyIndex, model, client, session });
  // Its parts in another order, or more of them, would be another text for the same target.
  return target !== undefined && JSON.stringify(target) === text ? target : undefined;
}

function targetIn(parts: Readonly<Record<string, unknown>>): ControlTarget | undefined {
  const { type, provider, keyIndex, model, client, session } = parts;
  if (type === "client" && typeof client === "string") return { type, client };
  if (type === "session" && typeof session === "string") return { type, session };
  if (type !== "provider" || typeof provider !== "string") return undefined;
  if (keyIndex !== undefined && !(typeof keyIndex === "number" && Number.isSafeInteger(keyIndex) && keyIndex >= 0))
    return undefined;
  if (model !== undefined && typeof model !== "string") return undefined;
  return { type, provider, ...(keyIndex !== undefined && { keyIndex }), ...(model !== undefined && { model }) };
}
