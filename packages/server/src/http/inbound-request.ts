import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Cancellation, CcpbError, type CancelSignal } from "@ccpb/core";
import { BodyChunks } from "./body-chunks.ts";
import type { SpeedMeter } from "./speed-meter.ts";

/** The largest request body, in bytes (Anthropic's own limit). */
export const maxBodyBytes: number = 32 * 1024 * 1024;

/** Reports that the client closed its connection before its answer was complete, so that no answer can be sent. */
export class ClientGoneError extends Error {
  constructor() {
    super("the client closed the connection");
    this.name = "ClientGoneError";
  }
}

/** The server stops, and the time for what was under way is over. */
export class ServerStoppingError extends Error {
  constructor() {
    super("the server is stopping");
    this.name = "ServerStoppingError";
  }
}

/** Checks a request body while it arrives, and finds its members. */
export interface BodyScan {
  /** Takes the next bytes, and keeps none of them. */
  push(bytes: Uint8Array): void;
  /** Ends the body; returns what core's `ScanBody` returns for it. */
  finish(): ArrayLike<number> | undefined;
}

/** A request body that has arrived. */
export interface ArrivedBody {
  /** The pieces in which it arrived, none of which is empty. */
  readonly chunks: readonly Uint8Array[];
  /** Offsets of the members, found by the scan; undefined if the scan gave up, or if the body came in one piece and was not scanned. */
  readonly memberOffsets: ArrayLike<number> | undefined;
}

/** Options of reading a request body. */
export interface BodyReading {
  /** Returns the error with which a chunk is refused, from its length in bytes. Default: all are admitted. */
  readonly admit?: (length: number) => CcpbError | undefined;
  /** Begins the scan of a body that comes in several pieces; undefined where it cannot. Default: bodies are not scanned. */
  readonly beginScan?: (() => BodyScan | undefined) | undefined;
}

const noBody: ArrivedBody = { chunks: [], memberOffsets: undefined };

/** One request of a client, on its way through the server. */
export class InboundRequest {
  readonly id: string;
  readonly method: string;
  /** Without the query and a slash at its end; a doubled `/v1` (a base URL that ended in `/v1`) is one. */
  readonly path: string;
  /** With the leading `?`, or empty. */
  readonly query: string;
  readonly startedAtMs: number = performance.now();
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  /** Index in `RequestsUnderWay`. */
  place = 0;
  /** Estimates the speed of the answer; undefined until it was asked for. */
  meter: SpeedMeter | undefined;
  /** Called when its answer is written or its client is gone; undefined where nothing waits for that. */
  release: (() => void) | undefined;
  readonly #expectsContinue: boolean;
  #cancellation: Cancellation | undefined;
  #isCutOff = false;

  constructor(id: string, incoming: IncomingMessage, response: ServerResponse, expectsContinue: boolean) {
    const target = originForm(incoming);
    const queryAt = target.indexOf("?");
    const path = queryAt === -1 ? target : target.slice(0, queryAt);
    this.id = id;
    this.method = incoming.method ?? "GET";
    this.path = apiPath(path);
    this.query = queryAt === -1 ? "" : target.slice(queryAt);
    this.incoming = incoming;
    this.response = response;
    this.#expectsContinue = expectsContinue;
  }

  get headers(): IncomingHttpHeaders {
    return this.incoming.headers;
  }

  /** The declared length in bytes; undefined for a chunked body, 0 where there is none. */
  get contentLength(): number | undefined {
    const declared = this.incoming.headers["content-length"];
    if (declared !== undefined) return Number(declared);
    return this.incoming.headers["transfer-encoding"] === undefined ? 0 : undefined;
  }

  /** Aborted with a `ClientGoneError` when the client leaves before its answer was written whole. */
  get signal(): CancelSignal {
    if (this.#cancellation !== undefined) return this.#cancellation;
    const cancellation = new Cancellation();
    this.#cancellation = cancellation;
    const { response } = this;
    const onClose = (): void => {
      if (!response.writableFinished) cancellation.abort(new ClientGoneError());
    };
    if (response.closed) onClose();
    else response.once("close", onClose);
    return cancellation;
  }

  /** The server stops before this request is answered: whatever works on it ends, and its client is told. */
  cutOff(): void {
    this.#isCutOff = true;
    void this.signal;
    this.#cancellation?.abort(new ServerStoppingError());
  }

  get isCutOff(): boolean {
    return this.#isCutOff;
  }

  /**
   * Resolves with the whole body, as the chunks in which it arrived. A chunk is scanned before the next one is read, so that little is left to do when
   * the last one is there. Rejects with a 413 when it is longer than 32 MiB, with `ClientGoneError` when the client leaves before its end, and with the
   * error that `admit` returns.
   */
  readBody({ admit = admitAll, beginScan }: BodyReading = {}): Promise<ArrivedBody> {
    const length = this.contentLength;
    if (length !== undefined && length > maxBodyBytes) return Promise.reject(bodyTooLarge());
    if (length === 0) return Promise.resolve(noBody);
    if (this.incoming.destroyed) return Promise.reject(new ClientGoneError());
    if (this.#expectsContinue) this.response.writeContinue();
    return new Promise((resolve, reject) => {
      const body = new BodyChunks();
      let scan: BodyScan | undefined;
      const { incoming } = this;
      const onData = (chunk: Buffer): void => {
        const refused = admit(chunk.length) ?? (body.length + chunk.length > maxBodyBytes ? bodyTooLarge() : undefined);
        if (refused === undefined) {
          const isWhole = chunk.length === length;
          if (body.length === 0 && !isWhole) scan = beginScan?.();
          body.add(chunk, isWhole);
          scan?.push(chunk);
          return;
        }
        incoming.removeAllListeners("data").resume();
        reject(refused);
      };
      // Taken off at the end: listeners hold this promise, and it the body, for as long as the answer takes.
      const onEnd = (): void => {
        incoming.off("data", onData).off("end", onEnd).off("close", onClose);
        resolve({ chunks: body.take(), memberOffsets: scan?.finish() });
      };
      // Always comes, also behind an error, whose listener only keeps it from being thrown.
      const onClose = (): void => reject(new ClientGoneError());
      incoming.on("data", onData).on("end", onEnd).on("close", onClose).on("error", ignore);
    });
  }
}

/** Path of the page as people type it. It is a route of its own: the page asks for its data beside itself, and would look for it one level too deep. */
export const pageFolder = "/ui/";

/**
 * The path as it is served: base URLs that end in `/v1`, and such as lack it, are both in use, and so are such that end in a slash, which makes two of
 * them. A slash at the end means nothing.
 */
function apiPath(written: string): string {
  let start = 0;
  while (written[start + 1] === "/") start += 1;
  const whole = start === 0 ? written : written.slice(start);
  const path = whole.length > 1 && whole.endsWith("/") && whole !== pageFolder ? whole.slice(0, -1) : whole;
  if (path.startsWith("/v1/v1/")) return path.slice(3);
  return /^\/(?:messages|messages\/count_tokens|chat\/completions|(?:responses|models)(?:\/.*)?)$/.test(path)
    ? `/v1${path}`
    : path;
}

/** The target from its path on; one with a scheme and the host that `Host` names too (RFC 9112, 3.2.2) is the same without them. */
function originForm({ url = "/", headers }: IncomingMessage): string {
  if (url.startsWith("/")) return url;
  const prefix = /^https?:\/\//i.exec(url)?.[0] ?? "";
  const authority = prefix === "" ? undefined : headers.host?.toLowerCase();
  const end = prefix.length + (authority?.length ?? 0);
  if (authority === undefined || url.slice(prefix.length, end).toLowerCase() !== authority) return url;
  const rest = url.slice(end);
  if (rest === "" || rest.startsWith("?")) return `/${rest}`;
  return rest.startsWith("/") ? rest : url;
}

function ignore(): void {}

function admitAll(): undefined {}

function bodyTooLarge(): CcpbError {
  const message = `The request body is larger than ${maxBodyBytes / 1024 / 1024} MiB.`;
  return new CcpbError("invalid_request", message, { status: 413, type: "request_too_large" });
}
