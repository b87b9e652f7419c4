import type { ProviderConfig } from "../base/config-types.ts";
import type { Candidate } from "../base/scope.ts";
import { withTokenFactor } from "./learn-tokens.ts";
import { clientAnswer } from "./client-answer.ts";
import { localAnswerBytes } from "./create-reader.ts";
import type { Runtime, Snapshot } from "./runtime.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import { buildRequest, type BuiltRequest, noRequest } from "./build-request.ts";
import type { RequestChanges } from "../dialects/request-changes.ts";

/** The request to a candidate, or the whole answer where none is asked of it (`max_tokens: 0`, or a lone web search, to an openai provider). */
export interface BuiltAttempt {
  readonly request: BuiltRequest;
  readonly localAnswer: Uint8Array | undefined;
}

/** Makes the request of an attempt. Throws what the translator throws where the request cannot be translated for this provider. */
export function buildAttempt(
  provider: ProviderConfig,
  candidate: Candidate,
  {
    request,
    changes,
    runtime,
    snapshot,
  }: {
    readonly request: ClientRequest;
    readonly changes: RequestChanges;
    readonly runtime: Runtime;
    readonly snapshot: Pick<Snapshot, "providers">;
  },
): BuiltAttempt {
  const isTaught = changes.lessons.length > 0;
  const told = isTaught ? { ...changes, configured: snapshot.providers.get(provider.name)?.profile } : changes;
  const built = buildRequest(provider, candidate, request, withTokenFactor(told, provider, candidate, runtime));
  if ("request" in built) return { request: built, localAnswer: undefined };
  const { warnings } = built;
  return {
    request: { ...noRequest, warnings },
    localAnswer: localAnswerBytes(built.localAnswer, request.facts.stream, clientAnswer(request, runtime)),
  };
}
