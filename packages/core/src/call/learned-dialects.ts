import type { Dialect } from "../dialects/request-changes.ts";
import { BoundedMap } from "../base/bounded-map.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import { isObject } from "../base/json.ts";
import type { MessagesRequest } from "../protocol/anthropic.ts";
import { resolveProfile } from "../vendors/profile.ts";
import type { Profile } from "../base/profile-types.ts";

const rememberedMs = 60 * 60_000; // a provider that has changed is noticed within the hour, for the price of one fast refusal
const maxRemembered = 1_000; // passed-through model names come from clients

/**
 * Remembers the dialect that a model turned out to need where the configuration leaves it open, by base URL and
 * model. The number is bounded; entries last for an hour.
 */
export class LearnedDialects {
  readonly #known = new BoundedMap<{ readonly dialect: Dialect; readonly atMs: number }>(maxRemembered);

  learn(provider: ProviderConfig, model: string, dialect: Dialect, nowMs: number): void {
    this.#known.set(keyOf(provider, model), { dialect, atMs: nowMs });
  }

  find(provider: ProviderConfig, model: string, nowMs: number): Dialect | undefined {
    const key = keyOf(provider, model);
    const known = this.#known.get(key);
    if (!known || nowMs - known.atMs < rememberedMs) return known?.dialect;
    this.#known.delete(key);
    return undefined;
  }
}

/** Decides whether the dialect of a provider has to be found out. */
export function isDialectOpen({ type, dialect }: ProviderConfig): boolean {
  return type === "openai" && (dialect === undefined || dialect === "auto");
}

/**
 * Returns the dialect for a request: as configured, else as learned, else the client's own where the provider is known to have it, else Responses where the profile
 * says that Chat Completions cannot do the job. Throws what reading the request throws, where that has to be known.
 */
export function chooseDialect(
  provider: ProviderConfig,
  model: string,
  client: Pick<ClientRequest, "dialect" | "parsed">,
  learned: Dialect | undefined,
): Dialect {
  const { dialect, baseUrl, profile: override } = provider;
  if (dialect === "chat" || dialect === "responses") return dialect;
  if (learned !== undefined) return learned;
  const profile = resolveProfile(override ? { baseUrl, model, override } : { baseUrl, model });
  const { responsesFor, inputTokens } = profile;
  if (client.dialect === "chat") return responsesFor === "all" ? "responses" : "chat";
  if (client.dialect === "responses" && (responsesFor !== "none" || inputTokens)) return "responses";
  return needsResponses(profile, client.parsed) ? "responses" : "chat";
}

function needsResponses({ responsesFor, webSearch }: Profile, { tools }: MessagesRequest): boolean {
  if (responsesFor === "all") return true;
  const declared: readonly unknown[] = Array.isArray(tools) ? tools : [];
  if (responsesFor === "tools" && declared.length > 0) return true;
  return webSearch && declared.some(isWebSearch);
}

/** A search that a server runs: of Chat Completions only a few models have it. */
function isWebSearch(tool: unknown): boolean {
  return isObject(tool) && typeof tool["type"] === "string" && tool["type"].startsWith("web_search_");
}

function keyOf({ baseUrl }: ProviderConfig, model: string): string {
  return `${baseUrl}\n${model}`;
}
