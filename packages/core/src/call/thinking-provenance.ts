import { isNative, type ProviderConfig } from "../base/config-types.ts";
import { callSignatures } from "../conversation/ids/call-signatures.ts";
import { isOpaqueProof } from "../conversation/ids/signature.ts";
import type { Runtime, Snapshot } from "./runtime.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import { isDialectOpen } from "./learned-dialects.ts";
import { reasoningProofs } from "./passed-body.ts";
import { asksForThinking, carriesThinking, thinkingProofs } from "../dialects/messages/request.ts";
import type { RequestChanges } from "../dialects/request-changes.ts";
import { signatureMaker, type SignatureOrigins } from "./signature-origins.ts";

/** Facts about an attempt that decide about its thinking blocks. */
export interface ThinkingParts {
  readonly provider: ProviderConfig;
  readonly model: string;
  readonly request: ClientRequest;
  readonly changes: RequestChanges;
  /** The request went out in the client's own API, which is not Messages: nothing can be changed in it but, in Responses, to leave reasoning items out. */
  readonly isPassed?: boolean;
}

/**
 * Thinking of an attempt, by which a refusal is explained. Each getter reads the request again, because few answers need it. Both are false after the
 * request was released.
 */
export class AttemptThinking {
  readonly #parts: ThinkingParts;

  constructor(parts: ThinkingParts) {
    this.#parts = parts;
  }

  /** The request as sent carries thinking blocks. */
  get isCarried(): boolean {
    const { provider, model, request, changes, isPassed = false } = this.#parts;
    if (!request.isHeld) return false;
    if (isPassed) return !changes.withoutThinking && hasReasoning(request);
    return carriesThinking(provider, model, request.neutral, changes);
  }

  /** The request asks for thinking. */
  get isAskedFor(): boolean {
    const { request, isPassed = false } = this.#parts;
    return !isPassed && request.isHeld && asksForThinking(request.neutral);
  }
}

/** Returns the changes with which `provider` is tried first: without thinking that it is known not to accept, in the dialect that it is known to need. */
export function firstChanges(
  provider: ProviderConfig,
  model: string,
  { signatureOrigins, dialects, learned, clock }: Runtime,
): RequestChanges {
  return {
    withoutThinking: false,
    lessons: learned.find(provider.name, model, clock.now()),
    dialect: isDialectOpen(provider) ? dialects.find(provider, model, clock.now()) : undefined,
    maxTokens: undefined,
    isForeignProof: signatureOrigins.isEmpty ? undefined : foreignProofs(provider, model, signatureOrigins),
  };
}

/** To a translated provider only thinking that it made itself goes anyway: of that, what it has refused. */
function foreignProofs(
  provider: ProviderConfig,
  model: string,
  origins: SignatureOrigins,
): RequestChanges["isForeignProof"] {
  const maker = signatureMaker(provider, model);
  return isNative(provider.type) ? origins.detectorFor(maker) : origins.refusedBy(maker);
}

/** Returns the function that takes note of the signatures that `model` makes at `provider`; undefined where no provider could refuse them. */
export function signatureListener(
  provider: ProviderConfig,
  model: string,
  { snapshot, runtime }: { readonly snapshot: Snapshot; readonly runtime: Runtime },
): ((proof: string) => void) | undefined {
  if (!isNative(provider.type) || !snapshot.hasForeignSignatures) return undefined;
  return (proof) => runtime.signatureOrigins.learnMade(signatureMaker(provider, model), proof);
}

/** Takes note that `model` at `provider` refused the signatures and encrypted reasoning of the request, and served it without them. */
export function learnRefusedSignatures(
  { provider, model, request }: Pick<ThinkingParts, "provider" | "model" | "request">,
  { signatureOrigins }: Runtime,
): void {
  const proofs = [...thinkingProofs(request.neutral).filter(isOpaqueProof), ...callSignatures(request.parsed)];
  signatureOrigins.learnRefused(signatureMaker(provider, model), proofs);
}

/** Takes note that `model` at `provider` refused the thinking of the request. */
export function learnRefusal(
  { provider, model, request }: Pick<ThinkingParts, "provider" | "model" | "request">,
  runtime: Runtime,
): void {
  // A request that passes through unchanged may be one that ccpb cannot read.
  const proofs = request.readable === undefined ? [] : thinkingProofs(request.neutral);
  const items = request.dialect === "responses" ? reasoningProofs(request) : [];
  runtime.signatureOrigins.learnRefused(signatureMaker(provider, model), [...proofs, ...items]);
}

function hasReasoning(request: ClientRequest): boolean {
  return request.dialect === "responses" && reasoningProofs(request).length > 0;
}
