import { AttemptCredential, type RefusedCredential } from "./attempt-credential.ts";
import { attemptDeadlines, leaseMs } from "./attempt-deadlines.ts";
import { type AttemptOwner, BalancerAttempt } from "./attempt.ts";
import { type BuiltRequest, isPassed } from "./build-request.ts";
import type { BuiltAttempt } from "./build-attempt.ts";
import type { Turn } from "./call-turns.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import { payerKey, type Runtime, type Snapshot, authorizeFor } from "./runtime.ts";
import type { Candidate } from "../base/scope.ts";
import type { CallRetries } from "./retry.ts";
import { AttemptThinking, signatureListener } from "./thinking-provenance.ts";
import type { TracedAttempt } from "./trace-context.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import type { RequestChanges } from "../dialects/request-changes.ts";

/** The call that an attempt is part of. */
export interface AttemptCall {
  readonly id: string;
  readonly request: ClientRequest;
  readonly snapshot: Snapshot;
  readonly runtime: Runtime;
}

/** Decisions about an attempt before it starts. */
export interface AttemptPlan {
  readonly provider: ProviderConfig;
  readonly built: BuiltAttempt;
  readonly changes: RequestChanges;
  readonly number: number;
  readonly freshSocket: boolean;
  /** Retries of the call so far. */
  readonly retries: CallRetries;
  /** Milliseconds left of the time of the whole call. */
  readonly callMs: number;
  /** The credential that was refused in the attempt that this one repeats. */
  readonly refused: RefusedCredential | undefined;
  /** Decides whether another provider in good health is left; called when a credential has to be waited for. */
  readonly hasAlternative: () => boolean;
  readonly owner: AttemptOwner;
}

/** Returns the function that takes note of who holds the state of a response; undefined where the provider's own ids do not reach the client. */
function ownerOfResponses(
  candidate: Candidate,
  { request, built, runtime }: Pick<AttemptCall, "request" | "runtime"> & { readonly built: BuiltRequest },
): ((id: string) => void) | undefined {
  if (request.dialect !== "responses" || !isPassed(built, request)) return undefined;
  return (id) => runtime.responseOwners.made(id, candidate, request.facts.model);
}

/** Starts an attempt: takes its place in the load and its probe leases, and tells of it. */
export function startAttempt(call: AttemptCall, { candidate, isEarly }: Turn, plan: AttemptPlan): BalancerAttempt {
  const { id: callId, request, snapshot, runtime } = call;
  const { provider, built, changes, number, freshSocket, retries, callMs, owner } = plan;
  const { refused, hasAlternative } = plan;
  const { model: requestedModel, stream } = request.facts;
  const { settings } = snapshot;
  const isStream = stream && built.request.isWhole !== true;
  const deadlines = attemptDeadlines(settings.timeouts, provider, { stream: isStream, callMs });
  const nowMs = runtime.clock.now();
  const expiresAtMs = nowMs + leaseMs(deadlines);
  const yieldsAtMs = Math.min(expiresAtMs, nowMs + settings.queueTimeoutMs);
  const early = isEarly && { isEarly, digest: request.digest };
  const lease = runtime.health.acquire(candidate, { nowMs, expiresAtMs, yieldsAtMs, ...early });
  const loadKey = payerKey(candidate);
  runtime.load.start(provider.name, loadKey);
  runtime.host.enter(nowMs);
  const attempt = new BalancerAttempt({
    callId,
    number,
    candidate,
    provider,
    requestedModel,
    stream,
    lease,
    loadKey,
    built: built.request,
    localAnswer: built.localAnswer,
    deadlines,
    freshSocket,
    retried: retries.of(candidate),
    lessons: retries.lessonsOf(candidate),
    changesLeft: retries.changesLeft,
    client: request,
    thinking: new AttemptThinking({
      provider,
      model: candidate.model,
      request,
      changes,
      isPassed: isPassed(built.request, request),
    }),
    onResponseId: ownerOfResponses(candidate, { request, built: built.request, runtime }),
    onSignature: signatureListener(provider, candidate.model, { snapshot, runtime }),
    runtime,
    errorRules: settings.errorRules,
    changes,
    credential: new AttemptCredential({
      provider,
      authorize: authorizeFor(provider, runtime),
      refused,
      hasAlternative,
    }),
    owner,
  });
  const { model, isProbe } = attempt;
  runtime.events.emit("attempt-start", { callId, number, provider: provider.name, model, probe: isProbe });
  // After the event, so that its listeners can have made the span that the headers name.
  const added = addedHeaders({ callId, number, provider: provider.name, model }, runtime);
  if (added) attempt.request = { ...attempt.request, headers: { ...attempt.request.headers, ...added } };
  return attempt;
}

/**
 * Calls the embedder's function for headers. Its errors are ignored like those of listeners, so that tracing fails no
 * call.
 */
function addedHeaders(
  attempt: TracedAttempt,
  { attemptHeaders }: Runtime,
): Readonly<Record<string, string>> | undefined {
  try {
    return attemptHeaders?.(attempt);
  } catch {
    return undefined;
  }
}
