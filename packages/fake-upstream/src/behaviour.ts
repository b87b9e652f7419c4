import type { Answer } from "./answer.ts";
import type { WireFormat } from "./dialect.ts";
import type { RecordedRequest } from "./recorded-request.ts";

/** Behaviour of an upstream towards one request: plain data. Change one with a spread: `{ ...text("Hello"), delivery: { size: 1 } }`. */
export type Behaviour = HttpBehaviour | WireBehaviour;

/** A behaviour, or a function that chooses one when the request is there. */
export type BehaviourSource = Behaviour | ((request: RecordedRequest) => Behaviour);

/** Behaviours for the next requests, in order. */
export type Script = readonly BehaviourSource[];

/** An HTTP response, sound but for what the fields say. */
export interface HttpBehaviour {
  readonly type: "http";
  /** Default 200. */
  readonly status?: number;
  /** Added to the usual ones of the dialect; null takes one away. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly payload: Payload;
  readonly head?: Head;
  readonly inserts?: readonly Insert[];
  /** Places where one bit of the body is wrong; counted as for `stop`. */
  readonly damage?: readonly Place[];
  readonly stop?: Stop;
  readonly delivery?: Delivery;
  /** Compresses the body and says so in `content-encoding`. */
  readonly encoding?: "gzip" | "deflate" | "br";
  readonly framing?: Framing;
  /** State of the connection after a whole response; default `keep-alive`. */
  readonly afterwards?: Afterwards;
  /** Answer when the request's head is there, without reading its body. */
  readonly early?: boolean;
}

/** Bytes on the socket, with no HTTP made around them. */
export interface WireBehaviour {
  readonly type: "wire";
  readonly steps: readonly WireStep[];
  readonly early?: boolean;
}

/**
 * One act on a socket. A `repeat` without `times` goes on until the client leaves; an end by `stall` does nothing until then. `idleClose` closes the
 * connection if no other request comes on it within the time.
 */
export type WireStep =
  | { readonly type: "write"; readonly bytes: string | Uint8Array }
  | { readonly type: "wait"; readonly ms: number }
  | { readonly type: "hold"; readonly until: Promise<unknown> }
  | {
      readonly type: "repeat";
      readonly bytes: string | Uint8Array;
      readonly everyMs: number;
      readonly times?: number;
    }
  | { readonly type: "end"; readonly by: WireEnd; readonly idleClose?: IdleClose };

export interface IdleClose {
  readonly by: "fin" | "reset";
  readonly idleMs: number;
}

/** `reset` sends RST, `fin` closes in an orderly way, `keep-alive` waits for the next request. */
export type WireEnd = "keep-alive" | "fin" | "reset" | "stall";

/** Content of a response. */
export type Payload =
  /** A healthy answer, streamed if the request asks for it (`form` overrides). */
  | { readonly type: "answer"; readonly answer: Answer; readonly form?: "stream" | "json" }
  /** Server-sent events as they stand, each with its blank line. */
  | { readonly type: "frames"; readonly frames: readonly string[] }
  /** Any body. */
  | { readonly type: "body"; readonly body: string | Uint8Array; readonly contentType?: string | null }
  /** An error object, by default in the dialect's shape. */
  | { readonly type: "error"; readonly error: ErrorText };

/** An error in words. */
export interface ErrorText {
  readonly message: string;
  /** Anthropic's or OpenAI's error type; default by status. */
  readonly errorType?: string;
  readonly code?: string | number;
  readonly shape?: ErrorShape;
}

/** Form of an error object, by the API that sends it. `openai` has `error.code`; `fastapi` has `detail`; `list` is Google's, an array around it. */
export type ErrorShape =
  | WireFormat
  | "openrouter"
  | "google"
  | "list"
  | "fastapi"
  | "string"
  | "message"
  | "aws"
  | "code-message";

/** Departures of the response head from the usual one. */
export interface Head {
  /** Before its first byte. */
  readonly delayMs?: number;
  /** Holds its first byte back until this resolves, so that a test decides what has happened before it. */
  readonly until?: Promise<unknown>;
  /** Between two bytes of it. */
  readonly byteDelayMs?: number;
  /** Instead of `HTTP/1.1 200 OK`. */
  readonly statusLine?: string;
  /** 1xx responses that go before it. */
  readonly informational?: readonly number[];
  /** Adds a header of this many bytes. */
  readonly paddingBytes?: number;
}

/**
 * A point of a body. `headers`: before its first byte; `start`: after `message_start` or the role chunk; `before-content` and `after-content`: around
 * the first event with content; `mid-event`: in the middle of that event's bytes; `mid-content`: after half of the events with content;
 * `before-end`: after the last of them; `before-terminal`: before `message_stop` or `[DONE]`; `end`: after everything. A body that is no stream
 * is taken for one event with content.
 */
export type Place =
  | "headers"
  | "start"
  | "before-content"
  | "mid-event"
  | "after-content"
  | "mid-content"
  | "before-end"
  | "before-terminal"
  | "end"
  | { readonly events: number }
  | { readonly bytes: number };

/** Something put into a body: text, an error in the dialect's way of sending one within a stream, or the events of another answer. */
export type Insert = { readonly at: Place } & (
  | { readonly text: string | Uint8Array }
  | { readonly error: ErrorText }
  | { readonly answer: Answer }
);

/**
 * Place and manner of a response's early end: `reset` (RST), `fin` (closed in the middle of its framing), `end` (framing closed in order, as
 * if that were all), `stall` (silence with the connection open; with a heartbeat, nothing but that).
 */
export interface Stop {
  readonly at: Place;
  readonly by: "reset" | "fin" | "end" | "stall";
  readonly heartbeat?: { readonly text: string; readonly everyMs: number };
}

/** Cuts of a body into writes: by default one write for each event. `split-utf8` cuts in the middle of every character of several bytes. */
export interface Delivery {
  readonly size?: number | "coalesced" | "split-utf8";
  /** Before each write. */
  readonly everyMs?: number;
}

/** Framing of a body, which marks its end. Default `chunked` for streams, else `length`. `close`: by closing; the others are faults. */
export type Framing =
  | "chunked"
  | "length"
  | "close"
  | { readonly declaredLength: number }
  /** The chunk after the first has a size that is no number. */
  | "bad-chunk"
  /** The first chunk is one byte longer than it says. */
  | "long-chunk";

/** After a whole response: `close` says so in a header; an idle close comes unannounced. */
export type Afterwards = "keep-alive" | "close" | IdleClose;
