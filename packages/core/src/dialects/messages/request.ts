import type { BodyEnvelope } from "./envelopes/envelope.ts";
import { isNative, type ProviderConfig } from "../../base/config-types.ts";
import type { HeaderMap } from "../../base/outcome.ts";
import type { ClientRequest } from "./client-request.ts";
import { headerValue } from "../headers.ts";
import { thinkingType } from "./body-members.ts";
import { proofAt } from "../../bytes/body-places.ts";
import { lastMember } from "../../bytes/json-places.ts";
import { editBody } from "./body.ts";
import { changesNothing, resolveNativeProfile } from "../../vendors/messages-profile.ts";
import type { NativeProfile } from "../../base/profile-types.ts";
import { roomInWindow } from "../../conversation/request/room-in-window.ts";
import { estimateTokens } from "../../tokens/estimate.ts";
import type { RequestChanges } from "../request-changes.ts";
import { spliceModel } from "../../bytes/splice-model.ts";
import { isForeignProof, isThinkingType } from "./thinking.ts";

const profiles = new WeakMap<ProviderConfig, { readonly model: string; readonly profile: NativeProfile }>();

/** Returns the profile of a model at an anthropic provider; the last one asked for is kept. */
export function profileOf(provider: ProviderConfig, model: string): NativeProfile {
  const known = profiles.get(provider);
  if (known?.model === model) return known.profile;
  const profile = resolveNativeProfile(hostOf(provider), model, provider.nativeProfile);
  profiles.set(provider, { model, profile });
  return profile;
}

/** Finds the host for the tables. A cloud's rows hold for it behind any address. */
function hostOf({ type, baseUrl }: ProviderConfig): string {
  if (type === "bedrock") return "https://bedrock-runtime.amazonaws.com";
  return type === "vertex" ? "https://aiplatform.googleapis.com" : baseUrl;
}

/** The first version of Anthropic's API that refuses `temperature`, `top_p` and `top_k`, even at their defaults (migration guide of 2026-10-21). */
const withoutSampling = "2026-10-21";

/**
 * Returns the client's bytes for a provider that is not translated, as parts: with the mapped model spliced in, without thinking that was made elsewhere, and with what
 * else the provider's profile asks for. Everything that need not change stays byte for byte what it was.
 */
export function nativeBody(
  provider: ProviderConfig,
  model: string,
  client: ClientRequest,
  changes: RequestChanges & { readonly envelope?: BodyEnvelope },
): readonly Uint8Array[] {
  const { facts } = client;
  const { envelope } = changes;
  const profile = profileOf(provider, model);
  const dropsSampling = refusesSampling(provider, profile, client.headers);
  const maxTokens = changes.maxTokens ?? loweredLimit(client, model, { profile, factor: changes.tokenFactor });
  const isTouched =
    envelope !== undefined ||
    changes.withoutThinking ||
    maxTokens !== undefined ||
    changes.isForeignProof !== undefined ||
    dropsSampling ||
    !changesNothing(profile) ||
    client.mayHoldOwnMark ||
    client.mayLackThinking ||
    (profile.checksSignatures && client.mayHoldWeakSignature);
  if (isTouched) {
    return editBody(client.body, client.places, {
      model,
      profile,
      maxTokens,
      isForeign: foreignDetector(profile, changes),
      withoutThinking: changes.withoutThinking,
      mayLackThinking: client.mayLackThinking,
      dropsSampling,
      envelope,
    });
  }
  const { bytes } = client;
  const isAsked = model === facts.model && facts.modelRanges.length === 1;
  return isAsked ? bytes.chunks : spliceModel(bytes, facts.modelRanges, model);
}

/** The limit of the answer that a request has to be sent with; undefined where its own is not larger than the provider takes. */
function loweredLimit(
  client: ClientRequest,
  model: string,
  { profile, factor }: { readonly profile: NativeProfile; readonly factor: number | undefined },
): number | undefined {
  const { maxOutputTokens, contextWindow } = profile;
  if (maxOutputTokens === null && contextWindow === null) return undefined;
  const given = client.parsed.max_tokens;
  if (typeof given !== "number") return undefined;
  const options = { model, ...(factor !== undefined && { factor }) };
  const room = contextWindow === null ? undefined : roomInWindow(contextWindow, estimateTokens(client.parsed, options));
  const limit = Math.min(maxOutputTokens ?? given, room ?? given);
  return limit < given ? limit : undefined;
}

/** Decides whether the request, as it would be sent, carries thinking that an upstream could object to. */
export function carriesThinking(
  provider: ProviderConfig,
  model: string,
  client: ClientRequest,
  changes: RequestChanges,
): boolean {
  if (changes.withoutThinking) return false;
  const isDropped = isNative(provider.type)
    ? foreignDetector(profileOf(provider, model), changes)
    : changes.isForeignProof;
  return thinkingProofs(client).some((proof) => isDropped?.(proof) !== true);
}

/** Lists the proofs of the thinking blocks of the history, in order. */
export function thinkingProofs(client: ClientRequest): readonly string[] {
  return client.places.messages
    .filter(({ role }) => role === "assistant")
    .flatMap(({ blocks = [] }) => blocks.filter(({ type }) => isThinkingType(type)))
    .map((block) => proofAt(client.body, block));
}

/** Decides whether the request asks for thinking. */
export function asksForThinking(client: ClientRequest): boolean {
  const type = thinkingType(client.body, lastMember(client.places.members, "thinking")?.value);
  return type !== "" && type !== "disabled";
}

function foreignDetector(profile: NativeProfile, changes: RequestChanges): (proof: string) => boolean {
  const { checksSignatures } = profile;
  return (proof) => isForeignProof(proof, checksSignatures) || changes.isForeignProof?.(proof) === true;
}

/**
 * Decides whether sampling must be left out. If the operator's own header sets the version, its demands are met at
 * any host.
 */
function refusesSampling(provider: ProviderConfig, profile: NativeProfile, headers: HeaderMap): boolean {
  const own = provider.headers?.["anthropic-version"];
  if (own === undefined && !profile.dropsRefusedSampling) return false;
  return (own ?? headerValue(headers, "anthropic-version") ?? "") >= withoutSampling;
}
