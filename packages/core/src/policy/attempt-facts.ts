import type { ProviderType } from "../base/config-types.ts";
import type { Failure, FailureSource } from "../failures/failure.ts";
import type { RetryChange } from "../base/outcome.ts";
import type { RefusedRequest } from "./refusal-types.ts";

/** Facts about an attempt that `classify` needs besides its outcome. */
export interface AttemptFacts {
  /** Its name, for a `classify` of one's own that treats providers differently. */
  readonly provider?: string;
  /** Type of the provider. */
  readonly providerType: ProviderType;
  /** True if the client asked for a stream. */
  readonly stream: boolean;
  /** The head of the reply has come. */
  readonly hasHeaders?: boolean;
  /** The content gate has opened. */
  readonly hasContent: boolean;
  /** The request as sent carries thinking blocks. May be computed when it is read. */
  readonly hasThinking: boolean;
  /** The request asks for thinking. May be computed when it is read. */
  readonly asksForThinking?: boolean;
  /** The wire flavour of a translated request; absent: `chat`. */
  readonly dialect?: "chat" | "responses";
  /** The configuration leaves the dialect open, so that the other one may be tried. */
  readonly isDialectOpen?: boolean;
  /** The credential comes from a source that can be asked for a new one. */
  readonly renewsCredential?: boolean;
  /** The changes with which this candidate has been tried again in this call. */
  readonly retried: ReadonlySet<RetryChange>;
  /** Number of further tries of the call with a changed request; absent: unlimited. */
  readonly changesLeft?: number;
  /** The request as it was sent, for the table of refusals; absent where refusals teach nothing. May be computed when it is read. */
  readonly refused?: RefusedRequest | undefined;
  /** Milliseconds since the Unix epoch, to read HTTP dates. May be computed when it is read. */
  readonly wallNowMs: number;
  /** The `max_tokens` that was sent, where known. */
  readonly maxTokens?: number;
  /** The client speaks another API than the provider: it cannot adapt to the provider's refusal of `max_tokens`. */
  readonly isLimitOurs?: boolean;
  /** The size in bytes of the request's body as sent, where known. */
  readonly requestBytes?: number;
  /** Reads the error of a failing reply: once for the classification and for the client's answer. Default: it is read anew. */
  readonly readFailure?: (reply: FailureSource) => Failure;
}
