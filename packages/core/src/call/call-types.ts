import type { ForwardedAnswer } from "../base/forwarded-answer.ts";
import type { Clock } from "../base/clock.ts";
import type { CcpbError } from "../base/errors.ts";
import type { DialectName } from "../dialects/dialect.ts";
import type { HeaderMap, Outcome, Verdict } from "../base/outcome.ts";
import type { ReplyReader } from "../dialects/reader.ts";
import type { UpstreamRequest, UpstreamTls } from "../base/transport.ts";

/** What a caller knows of a request besides its body. */
export interface CallContext {
  /** Identifies the call in events and in `request_id`; made by the balancer where absent. */
  readonly callId?: string;
  /** The client's headers, lower-case names; default: those of a `RawRequest`. */
  readonly headers?: HeaderMap;
  readonly query?: string;
  /** Only this provider, by name; heeded where `allowProviderPin` is set. */
  readonly pin?: string;
  /** Names the client in events. Where calls wait for room at a provider, clients take turns; calls without a name are those of one client. */
  readonly client?: string;
  /** Where calls wait, those of a client with a higher priority go first; default 0. */
  readonly priority?: number;
  /** Decides whether a provider, by its name, may serve the client's model. Called when the call is opened. Default: all providers may. */
  readonly mayUse?: (provider: string, model: string) => boolean;
  /** Returns why the session of the request is not served, by its id (undefined where the request names none); asked when the call is opened. */
  readonly refuseSession?: (sessionId: string | undefined) => CcpbError | undefined;
  /** The API that the client speaks, in which the request came and its answer goes; default: Messages. */
  readonly dialect?: DialectName;
}

/** When the phases of an attempt must be over, in milliseconds from its start (`idleMs`: from the last byte); absent where a phase has none. */
export interface AttemptDeadlines {
  readonly connectMs: number;
  readonly responseMs?: number;
  readonly contentMs?: number;
  readonly idleMs?: number;
  readonly totalMs?: number;
  /** What is left of the budget of the whole call, until the gate opens. */
  readonly callMs: number;
}

/** One try at one provider. Disposing it without a report hands its probe lease back and charges nobody. */
export interface Attempt extends Disposable {
  /** From 1, within the call. */
  readonly number: number;
  readonly provider: string;
  readonly model: string;
  readonly isProbe: boolean;
  /** Its body is let go of when content has come. */
  readonly request: UpstreamRequest;
  readonly deadlines: AttemptDeadlines;
  readonly proxy: string | undefined;
  readonly tls: UpstreamTls | undefined;
  /** The request lacks its credential: what is to be sent is `authorizedRequest`. */
  readonly needsCredential: boolean;
  /**
   * The request with its credential: `request` itself where it has one.
   *
   * @throws `CredentialError` where none can be had; to be reported as a `transport-error`.
   */
  authorizedRequest(signal: AbortSignal): Promise<UpstreamRequest>;
  /** The kept-alive connection of the attempt before died: use a new one. */
  readonly freshSocket: boolean;
  /** The whole answer where none is needed from the provider (`max_tokens: 0` to an openai provider). */
  readonly localAnswer: Uint8Array | undefined;
  /** The text without the provider's keys and whatever looks like one: upstreams echo them. */
  withoutSecrets(text: string): string;
  /** What of the headers of an answer to this attempt the client may see, without the provider's keys. */
  answerHeaders(upstream: HeaderMap): Record<string, string>;
  /** Reads the 2xx reply to this attempt; one reader a reply. */
  reader(): ReplyReader;
  /** Tells what happened; answers what it means. The first `complete`, failure or abort settles the attempt. */
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

/** One client request inside the balancer: hands out attempts until one serves it. */
export interface Call extends Iterable<Attempt> {
  readonly id: string;
  readonly requestedModel: string;
  /** The API that the client speaks. */
  readonly dialect: DialectName;
  readonly stream: boolean;
  /** The balancer's: whoever drives the call keeps its deadlines by it. */
  readonly clock: Clock;
  /** How a stream that breaks after content is to end: an `error` event, or an aborted connection. */
  readonly brokenStreamEnding: "error" | "abort";
  /** Attempts handed out so far. */
  readonly attemptCount: number;
  /** The next attempt; undefined when the call is over, has no candidate left, or has to wait (`pending`). */
  next(): Attempt | undefined;
  /** Set after `next` returned undefined where waiting may lead to an attempt; a driver that cannot wait ends the call instead. */
  readonly pending: PendingTurn | undefined;
  /** Waits in turn with the other calls; disposing the result leaves the queue. */
  enter(listener: TurnListener): Disposable;
  /** Gives the waiting calls their turns, as far as they can go now: for the timer that `pending.wakeAtMs` asks for. */
  lookAgain(): void;
  /** Ends the wait for good: `failure` then says why. */
  giveUp(): void;
  /** The upstream's own error that answers the client, after a `forward` verdict or when everybody said 404. */
  forwarded(): ForwardedAnswer | undefined;
  /** Why nobody served the call; ends it. */
  failure(): CcpbError;
  /** The client has left between attempts; ends the call. */
  abandon(): void;
}
