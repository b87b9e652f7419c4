import type { Dialect } from "../dialects/request-changes.ts";
import { BoundedMap } from "../base/bounded-map.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import { isObject } from "../base/json.ts";
import type { MessagesRequest } from "../protocol/anthropic.ts";
import { resolveProfile } from "../vendors/profile.ts";
import type { Profile } from "../base/profile-types.ts";

const rememberedMs = 60 * 60_000; // a provider that has changed is noticed within the hour, for the price of one fast refusal
const maxRemembered = 1_000; // passed-through model names come from clients

/** Which dialect a model turned out to need where the configuration leaves it open, by base URL and model. Bounded, and forgotten after an hour. */
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

/** Whether the dialect of a provider is to be found out. */
export function isDialectOpen({ type, dialect }: ProviderConfig): boolean {
  return type === "openai" && (dialect === undefined || dialect === "auto");
}

/** The dialect for a request: as configured, else as learned, else Responses where the profile says that Chat Completions cannot do the job. */
export function chooseDialect(
  provider: ProviderConfig,
  model: string,
  request: MessagesRequest,
  learned: Dialect | undefined,
): Dialect {
  const { dialect, baseUrl, profile: override } = provider;
  if (dialect === "chat" || dialect === "responses") return dialect;
  if (learned !== undefined) return learned;
  const profile = resolveProfile(override ? { baseUrl, model, override } : { baseUrl, model });
  return needsResponses(profile, request) ? "responses" : "chat";
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
