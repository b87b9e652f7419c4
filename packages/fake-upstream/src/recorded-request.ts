import type { Dialect, WireFormat } from "./dialect.ts";
import type { RequestHead } from "./request-reader.ts";

/** One request as an upstream received it. Grows while it is being answered. */
export interface RecordedRequest {
  /** By the path: a request to `/v1/responses` speaks `responses`. */
  readonly dialect: WireFormat;
  /** From 1, in the order of arrival at this upstream. */
  readonly number: number;
  /** From 1: the connection that it came on, and which request of that connection it is. */
  readonly connection: number;
  readonly onConnection: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
  /** Lower-case names; repeated ones joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  /** Empty where a behaviour answered before the body was read. */
  readonly rawBody: Uint8Array;
  /** The parsed body; undefined where it is no JSON. */
  readonly body: unknown;
  /** `performance.now()`. */
  readonly receivedAtMs: number;
  /** The client closed the connection before the response was whole (and the upstream had not broken it off itself). */
  readonly aborted: boolean;
  readonly abortedAtMs: number | undefined;
  /** Settles when nothing more happens to this request: answered, broken off or aborted. */
  readonly ended: Promise<void>;
}

/** A recorded request as the connection that serves it writes it down. */
export class RequestRecord implements RecordedRequest {
  readonly dialect: WireFormat;
  readonly number: number;
  readonly connection: number;
  readonly onConnection: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly (readonly [string, string])[];
  readonly rawBody: Uint8Array;
  readonly body: unknown;
  readonly receivedAtMs: number = performance.now();
  readonly ended: Promise<void>;
  abortedAtMs: number | undefined = undefined;
  #settle: () => void = () => undefined;

  constructor(head: RequestHead, rawBody: Uint8Array, place: RequestPlace) {
    const question = head.target.indexOf("?");
    this.number = place.number;
    this.connection = place.connection;
    this.onConnection = place.onConnection;
    this.method = head.method;
    this.path = question === -1 ? head.target : head.target.slice(0, question);
    this.dialect = place.dialect === "openai" && this.path === "/v1/responses" ? "responses" : place.dialect;
    this.query = question === -1 ? "" : head.target.slice(question);
    this.headers = head.headers;
    this.rawHeaders = head.rawHeaders;
    this.rawBody = rawBody;
    this.body = parsed(rawBody);
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get aborted(): boolean {
    return this.abortedAtMs !== undefined;
  }

  end(aborted: boolean): void {
    if (aborted) this.abortedAtMs ??= performance.now();
    this.#settle();
  }
}

/** Place of a request among the others. */
export interface RequestPlace {
  readonly dialect: Dialect;
  readonly number: number;
  readonly connection: number;
  readonly onConnection: number;
}

function parsed(rawBody: Uint8Array): unknown {
  if (rawBody.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(rawBody));
  } catch {
    return undefined;
  }
}
