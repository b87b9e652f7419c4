import { isNative, type ProviderConfig } from "../base/config-types.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import { lackingCapabilities, type RequestNeeds } from "../policy/capability.ts";
import { requestNeeds } from "../policy/request-needs.ts";
import type { RankedCandidate } from "../policy/select.ts";
import { type PromptWeight, weighPrompt } from "../tokens/prompt-weight.ts";
import { textTokens } from "../tokens/text-tokens.ts";
import type { Runtime, Snapshot } from "./runtime.ts";
import { taughtProvider } from "./taught-provider.ts";

/** Needs of a request; its tokens are estimated if a candidate's window may be too small. */
export interface WeighedNeeds {
  readonly needs: RequestNeeds;
  readonly weight: PromptWeight | undefined;
  /** The client speaks an API of OpenAI's: its server tools are those of OpenAI's providers. */
  readonly isOfOpenAi: boolean;
}

/**
 * Reads the needs of a request where they can change the order of the candidates: if a translated or limited provider stands first and another
 * deployment could come instead. Undefined otherwise, and for a request that the Messages API cannot express; reading them parses the request.
 */
export function needsThatMatter(
  snapshot: Snapshot,
  ranked: readonly RankedCandidate[],
  request: ClientRequest,
): WeighedNeeds | undefined {
  const [first] = ranked;
  const provider = first && snapshot.providers.get(first.candidate.provider);
  const isAnother = ({ candidate }: RankedCandidate): boolean =>
    candidate.provider !== first?.candidate.provider || candidate.model !== first.candidate.model;
  if (!provider || !ranked.some(isAnother)) return undefined;
  if (isNative(provider.type) && surelyHolds(provider, request)) return undefined;
  const parsed = request.readable;
  if (parsed === undefined) return undefined;
  const isTight = ranked.some(({ candidate }) => {
    const other = snapshot.providers.get(candidate.provider);
    return other !== undefined && !surelyHolds(other, request);
  });
  const needs = requestNeeds(parsed, 0);
  const { prefersServerTools } = snapshot.settings;
  return {
    needs: { ...needs, serverTools: needs.serverTools && prefersServerTools },
    weight: isTight ? weighPrompt(parsed, textTokens) : undefined,
    isOfOpenAi: request.dialect !== "messages",
  };
}

// English and code in JSON have about four bytes a token, CJK two to three; so a short body fits whatever it holds, and is not parsed to know.
const fewestBytesPerToken = 1.5;

/** Decides by the length of the body alone whether the provider's window holds it for certain. */
export function surelyHolds({ contextWindow }: ProviderConfig, request: ClientRequest | undefined): boolean {
  return (
    contextWindow === undefined ||
    (request !== undefined && request.bytes.length <= contextWindow * fewestBytesPerToken)
  );
}

/** Lists the abilities that a candidate lacks. Its window is compared with the estimate for its own model. */
export function lacksOf(
  provider: ProviderConfig,
  model: string,
  { tokenFactors, learned, clock }: Runtime,
  { needs, weight, isOfOpenAi }: WeighedNeeds,
): readonly string[] {
  const inputTokens =
    weight && provider.contextWindow !== undefined ? tokenFactors.estimate(weight, provider.name, model) : 0;
  const serverTools = needs.serverTools && !(isOfOpenAi && provider.type === "openai");
  const taught = taughtProvider(provider, model, learned.find(provider.name, model, clock.now()));
  return lackingCapabilities(taught, model, { ...needs, serverTools, inputTokens });
}
