import type { ProviderConfig, ProviderType } from "../base/config-types.ts";
import type { RetryChange } from "../base/outcome.ts";
import type { Candidate } from "../base/scope.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import type { Dialect } from "../dialects/request-changes.ts";
import type { Failure, FailureSource } from "../failures/failure.ts";
import type { AttemptFacts } from "../policy/attempt-facts.ts";
import type { RefusedRequest } from "../policy/refusal-types.ts";
import type { AttemptCredential } from "./attempt-credential.ts";
import { type BuiltRequest, isPassed } from "./build-request.ts";
import { isDialectOpen } from "./learned-dialects.ts";
import { refusedRequest } from "./refused-request.ts";
import type { Runtime } from "./runtime.ts";
import type { AttemptThinking } from "./thinking-provenance.ts";

/** Records the progress of an attempt. */
export interface AttemptProgress {
  readonly status: number | undefined;
  readonly firstContentMs: number | undefined;
  /** Reads the error of the failing reply, once. */
  readFailure(reply: FailureSource): Failure;
}

/** Holds the parts of an attempt that its judgement reads. The members mean what they mean in `AttemptParts`. */
export interface FactsParts {
  readonly candidate: Candidate;
  readonly provider: ProviderConfig;
  readonly stream: boolean;
  readonly built: BuiltRequest;
  readonly retried: ReadonlySet<RetryChange>;
  readonly lessons: ReadonlySet<string>;
  readonly changesLeft: number;
  readonly client: ClientRequest;
  readonly thinking: AttemptThinking;
  readonly runtime: Runtime;
  readonly credential: AttemptCredential;
}

/** An attempt as `classify` sees it. A class: an object literal with an accessor would get a hidden class of its own each time. */
export class FactsOf implements AttemptFacts {
  readonly provider: string;
  readonly providerType: ProviderType;
  readonly stream: boolean;
  readonly hasHeaders: boolean;
  readonly hasContent: boolean;
  readonly retried: ReadonlySet<RetryChange>;
  readonly changesLeft: number;
  declare readonly maxTokens?: number;
  declare readonly dialect?: Dialect;
  readonly isDialectOpen: boolean;
  readonly isLimitOurs: boolean;
  readonly renewsCredential: boolean;
  readonly #parts: FactsParts;
  readonly #attempt: AttemptProgress;
  #refused: { readonly request: RefusedRequest | undefined } | undefined;

  constructor(attempt: AttemptProgress, parts: FactsParts) {
    const { provider, stream, retried, changesLeft, built } = parts;
    this.provider = provider.name;
    this.providerType = provider.type;
    this.stream = stream;
    this.hasHeaders = attempt.status !== undefined;
    this.hasContent = attempt.firstContentMs !== undefined;
    this.retried = isPassed(built, parts.client) ? withoutChanges(retried, parts.client) : retried;
    this.changesLeft = changesLeft;
    this.isLimitOurs = parts.client.dialect !== "messages";
    this.isDialectOpen = isDialectOpen(provider);
    this.renewsCredential = parts.credential.isNeeded;
    if (built.maxTokens !== undefined) this.maxTokens = built.maxTokens;
    if (built.dialect !== "messages") this.dialect = built.dialect;
    this.#parts = parts;
    this.#attempt = attempt;
  }

  /** Only a failing reply has an error to read. */
  readFailure(reply: FailureSource): Failure {
    return this.#attempt.readFailure(reply);
  }

  /** Only a refusal makes it worth parsing what was sent, and that once. */
  get refused(): RefusedRequest | undefined {
    const { provider, candidate, client, built, lessons } = this.#parts;
    this.#refused ??= {
      request: refusedRequest({ provider, model: candidate.model, client, built, tried: lessons }),
    };
    return this.#refused.request;
  }

  /** Only a request that is too large makes its size worth knowing. */
  get requestBytes(): number {
    return this.#parts.built.request.body.reduce((sum, part) => sum + part.length, 0);
  }

  /** Only a few answers say when in dates. */
  get wallNowMs(): number {
    return this.#parts.runtime.clock.wallNow();
  }

  /** Only a few answers make it worth parsing the request to know. */
  get hasThinking(): boolean {
    return this.#parts.thinking.isCarried;
  }

  get asksForThinking(): boolean {
    return this.#parts.thinking.isAskedFor;
  }
}

/**
 * Marks the changes that a passed request cannot have: it goes out as it came, except that reasoning items of
 * Responses can be left out.
 */
function withoutChanges(retried: ReadonlySet<RetryChange>, { dialect }: ClientRequest): ReadonlySet<RetryChange> {
  const fixed = new Set<RetryChange>(retried).add("lower-max-tokens").add("without-signatures");
  return dialect === "responses" ? fixed : fixed.add("without-thinking");
}
