import { isNative, type ProviderConfig } from "../base/config-types.ts";
import type { TokenUsage } from "../base/events.ts";
import type { Candidate } from "../base/scope.ts";
import type { Runtime } from "./runtime.ts";
import { weighPrompt } from "../tokens/prompt-weight.ts";
import { textTokens } from "../tokens/text-tokens.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import type { RequestChanges } from "../dialects/request-changes.ts";

const maxBodyBytes = 4 * 1024 * 1024;

/** Decides whether the request of a stream that begins now is kept until its end, for `learnTokens`. */
export function isKeptToWeigh(
  { tokenFactors, clock }: Runtime,
  { provider, model }: { readonly provider: string; readonly model: string },
  { bytes }: ClientRequest,
): boolean {
  return bytes.length <= maxBodyBytes && tokenFactors.claim(provider, model, clock.now());
}

/** Corrects the estimates for a provider and model by an answer's usage; now and then only, because a native request is parsed for it. */
export function learnTokens(
  runtime: Runtime,
  deployment: { readonly provider: string; readonly model: string },
  answered: { readonly request: ClientRequest; readonly usage: TokenUsage | undefined },
): void {
  const { request, usage } = answered;
  const nowMs = runtime.clock.now();
  if (!usage || !request.isHeld || request.bytes.length > maxBodyBytes) return;
  // Of streams only those are held that are to be learned from.
  if (!request.facts.stream && !runtime.tokenFactors.isDue(deployment.provider, deployment.model, nowMs)) return;
  const realTokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheCreationTokens;
  const prompt = request.readable;
  if (prompt) runtime.tokenFactors.learn(deployment, weighPrompt(prompt, textTokens), { realTokens, nowMs });
}

/** Adds the factor of the estimate that a translated stream begins with. */
export function withTokenFactor(
  changes: RequestChanges,
  provider: ProviderConfig,
  { model }: Candidate,
  { tokenFactors }: Runtime,
): RequestChanges {
  if (isNative(provider.type)) return changes;
  const tokenFactor = tokenFactors.factorFor(provider.name, model);
  return tokenFactor === undefined ? changes : { ...changes, tokenFactor };
}
