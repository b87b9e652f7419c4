import type { ForwardedAnswer } from "../base/forwarded-answer.ts";
import type { Clock } from "../base/clock.ts";
import type { CcpbError } from "../base/errors.ts";
import type { DialectName } from "../dialects/dialect.ts";
import type { HeaderMap, Outcome, Verdict } from "../base/outcome.ts";
import type { ReplyReader } from "../dialects/reader.ts";
import type { UpstreamRequest, UpstreamTls } from "../base/transport.ts";

/** Facts about a request besides its body, given by the caller. All members are optional. */
export interface CallContext {
  /** Id of the call in events and in `request_id`. Default: the balancer makes one. */
  readonly callId?: string;
  /** Headers of the client, names in lower case. Default: those of a `RawRequest`. */
  readonly headers?: HeaderMap;
  /** Query of the URL with its `?`; default: that of a `RawRequest`. */
  readonly query?: string;
  /** Only this provider, by name; heeded where `allowProviderPin` is set. */
  readonly pin?: string;
  /** Names the client in events. Where calls wait for room at a provider, clients take turns; calls without a name are those of one client. */
  readonly client?: string;
  /** Priority among waiting calls: those of a client with a higher number go first. Default 0. */
  readonly priority?: number;
  /** Decides whether a provider, by its name, may serve the client's model. Called when the call is opened. Default: all providers may. */
  readonly mayUse?: (provider: string, model: string) => boolean;
  /** Returns why the session of the request is not served, by its id (undefined where the request names none); asked when the call is opened. */
  readonly refuseSession?: (sessionId: string | undefined) => CcpbError | undefined;
  /** The API that the client speaks, in which the request came and its answer goes; default: Messages. */
  readonly dialect?: DialectName;
}

/**
 * Deadlines of the phases of an attempt, in milliseconds from its start (`idleMs`: from the last byte). A phase
 * without a deadline is absent.
 */
export interface AttemptDeadlines {
  /** Until the connection must be established. */
  readonly connectMs: number;
  /** Until the response headers must have come; absent: no limit. */
  readonly responseMs?: number;
  /** Until the first content must have come; absent: no limit. */
  readonly contentMs?: number;
  /** Longest silence between two bytes. */
  readonly idleMs?: number;
  /** Until the whole attempt must be over; absent: no limit. */
  readonly totalMs?: number;
  /** Rest of the time of the whole call; it counts until the content gate opens. */
  readonly callMs: number;
}

/**
 * One try at one provider. Disposing an attempt that was not reported gives its probe lease back and charges no
 * provider.
 */
export interface Attempt extends Disposable {
  /** Number of the attempt within its call, from 1. */
  readonly number: number;
  /** Name of the provider. */
  readonly provider: string;
  /** Model that the provider is asked for: the upstream's name of it. */
  readonly model: string;
  /** True if a half-open circuit admitted the attempt, so that its outcome closes or reopens the circuit. */
  readonly isProbe: boolean;
  /** Request to send. After the outcome `content` its body is an empty list, so that the memory can be freed. */
  readonly request: UpstreamRequest;
  /** Deadlines of the phases of this attempt. */
  readonly deadlines: AttemptDeadlines;
  /** URL of the proxy to go through; undefined: connect directly. */
  readonly proxy: string | undefined;
  /** Certificates of the provider's own; undefined: the platform's. */
  readonly tls: UpstreamTls | undefined;
  /** True if `request` lacks its credential, which `authorizedRequest` adds. */
  readonly needsCredential: boolean;
  /**
   * Adds the credential to the request.
   *
   * @param signal - aborted when the attempt is over.
   * @returns the request to send; `request` itself if that has its credential already.
   * @throws CredentialError if no credential can be had. Report it as a `transport-error`.
   */
  authorizedRequest(signal: AbortSignal): Promise<UpstreamRequest>;
  /** True if the previous attempt died on a reused connection: open a new one. */
  readonly freshSocket: boolean;
  /** Whole answer, if no provider needs to be asked (`max_tokens: 0` to an openai provider); else undefined. */
  readonly localAnswer: Uint8Array | undefined;
  /**
   * Removes the provider's keys, and text that looks like a credential, because upstreams echo them in errors.
   *
   * @param text - any text of the upstream.
   * @returns the text with each secret replaced.
   */
  withoutSecrets(text: string): string;
  /**
   * Filters the headers of an answer to this attempt.
   *
   * @param upstream - headers of the upstream, names in lower case.
   * @returns headers that may be forwarded to the client, without the provider's keys.
   */
  answerHeaders(upstream: HeaderMap): Record<string, string>;
  /**
   * Makes the reader of the 2xx reply to this attempt.
   *
   * @returns a new reader; use one for each reply.
   */
  reader(): ReplyReader;
  /**
   * Tells the balancer what happened. The first `complete`, failure or abort settles the attempt; later reports
   * change nothing.
   *
   * @param outcome - event, such as a response, its content or a timeout.
   * @returns the next step: continue, forward, fail over, retry or refuse.
   */
  report(outcome: Outcome): Verdict;
}

/**
 * A call that has to wait for its next turn: for room at a provider, or for a probe to show that one has recovered. It is worth looking again at
 * `wakeAtMs` (`Infinity`: only when another call ends), and not worth waiting beyond `giveUpAtMs`; both by the call's clock.
 */
export interface PendingTurn {
  readonly wakeAtMs: number;
  readonly giveUpAtMs: number;
}

/** Hears how a waiting call's turn comes. */
export interface TurnListener {
  /** The next attempt; undefined where no candidate is worth waiting for any more. Called once. */
  onTurn(attempt: Attempt | undefined): void;
  /** It still has to wait; when to look again may have changed. */
  onStillPending(pending: PendingTurn): void;
}

/** One client request inside the balancer. It hands out attempts until one of them serves the request. */
export interface Call extends Iterable<Attempt> {
  /** Id of the call, as in events and in `request_id`. */
  readonly id: string;
  /** Model as the client named it. */
  readonly requestedModel: string;
  /** API that the client speaks. */
  readonly dialect: DialectName;
  /** True if the client asked for a stream. */
  readonly stream: boolean;
  /** Clock of the balancer. Drivers keep the call's deadlines by it. */
  readonly clock: Clock;
  /** Ending of a stream that breaks after its first content: an `error` event, or an aborted connection. */
  readonly brokenStreamEnding: "error" | "abort";
  /** Number of attempts handed out so far. */
  readonly attemptCount: number;
  /**
   * Takes the next attempt.
   *
   * @returns the attempt; undefined if the call is over, has no candidate left, or has to wait (see `pending`).
   */
  next(): Attempt | undefined;
  /**
   * Set after `next` returned undefined while waiting may lead to an attempt. A driver that cannot wait calls
   * `failure`.
   */
  readonly pending: PendingTurn | undefined;
  /**
   * Enters the queue of waiting calls.
   *
   * @param listener - called when it is this call's turn, or when waiting has become pointless.
   * @returns the place in the queue; disposing it leaves the queue.
   */
  enter(listener: TurnListener): Disposable;
  /** Gives waiting calls their turns as far as possible now. Call it from a timer set for `pending.wakeAtMs`. */
  lookAgain(): void;
  /** Ends the wait. `failure` then says why. */
  giveUp(): void;
  /**
   * Gives the upstream's own error that answers the client, after a `forward` verdict or when every candidate
   * answered 404.
   *
   * @returns the error's status, headers and body; undefined if there is none.
   */
  forwarded(): ForwardedAnswer | undefined;
  /**
   * Ends the call without an answer.
   *
   * @returns the error that says why no provider served the call, with all attempts.
   */
  failure(): CcpbError;
  /** Ends the call because the client left between attempts. No provider is charged. */
  abandon(): void;
}
