import { isObject, parseJson } from "../../../base/json.ts";
import { concatBytes } from "../../../bytes/concat-bytes.ts";
import type { TokenUsage } from "../../../base/events.ts";
import type { StreamFailure } from "../../../base/outcome.ts";
import type { ReaderState, ReplyReader } from "../../reader.ts";
import type { MessagesError } from "../../../failures/messages-error.ts";
import { readErrorText } from "../../../failures/error-text.ts";
import { type AwsFrame, AwsFrameDecoder, type AwsFrameFault } from "./aws-frames.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The HTTP status of an exception within a stream: the one that the same exception has as a reply. */
const exceptionStatus: Readonly<Record<string, number>> = {
  accessdenied: 403,
  internalserver: 500,
  modelerror: 424,
  modelnotready: 429,
  modelstreamerror: 424,
  modeltimeout: 408,
  resourcenotfound: 404,
  servicequotaexceeded: 400,
  serviceunavailable: 503,
  throttling: 429,
  validation: 400,
};

const faultTexts: Readonly<Record<AwsFrameFault, string>> = {
  length: "a message of the event stream with an impossible length",
  "prelude-checksum": "a message of the event stream whose lengths have a wrong checksum",
  "message-checksum": "a message of the event stream with a wrong checksum",
  headers: "a message of the event stream with broken headers",
};

/**
 * Reads a stream of Bedrock's: each message of the AWS event stream holds the JSON of one event in base64, which becomes one server-sent event,
 * byte for byte, for the reader of Messages streams behind it. An exception within the stream is an error with its own status.
 */
export class BedrockStreamReader implements ReplyReader {
  readonly #inner: ReplyReader;
  readonly #frames = new AwsFrameDecoder();
  #failure: StreamFailure | undefined;

  /** `inner` reads the server-sent events. */
  constructor(inner: ReplyReader) {
    this.#inner = inner;
  }

  get state(): ReaderState {
    return this.#failure === undefined ? this.#inner.state : "failed";
  }

  get failure(): StreamFailure | undefined {
    return this.#failure ?? this.#inner.failure;
  }

  get usage(): TokenUsage | undefined {
    return this.#inner.usage;
  }

  get stopReason(): string | undefined {
    return this.#inner.stopReason;
  }

  get warnings(): readonly string[] {
    return this.#inner.warnings;
  }

  get canEnd(): boolean {
    return this.#failure === undefined && this.#inner.canEnd;
  }

  get isKeepAlive(): boolean {
    return this.#inner.isKeepAlive;
  }

  get contentType(): string {
    return this.#inner.contentType;
  }

  push(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#isOver) return undefined;
    const events: Uint8Array[] = [];
    let failure: StreamFailure | undefined;
    for (const frame of this.#frames.push(chunk)) {
      const read = readFrame(frame);
      if (read instanceof Uint8Array) events.push(read);
      else if (read !== undefined) {
        failure = read;
        break;
      }
    }
    const { fault } = this.#frames;
    failure ??= fault && { type: "junk", detail: faultTexts[fault] };
    const out = events.length > 0 ? this.#inner.push(concatBytes(events)) : undefined;
    // Junk after a complete answer must not make it fail.
    if (this.#inner.state !== "complete") this.#failure = failure;
    return out;
  }

  end(): Uint8Array | undefined {
    return this.#isOver ? undefined : this.#inner.end();
  }

  keepAlive(): Uint8Array {
    return this.#inner.keepAlive();
  }

  breakOff(error: MessagesError): Uint8Array {
    return this.#inner.breakOff(error);
  }

  get #isOver(): boolean {
    return this.#failure !== undefined || this.#inner.state === "complete" || this.#inner.state === "failed";
  }
}

/** One message as a server-sent event; undefined for one that holds none, such as a sign of life; or why the stream ends here. */
function readFrame({ headers, payload }: AwsFrame): Uint8Array | StreamFailure | undefined {
  const kind = headers[":message-type"];
  if (kind === "exception") return readException(headers[":exception-type"] ?? "", decoder.decode(payload));
  if (kind !== "error") return readEvent(payload);
  const message = headers[":error-message"] ?? "";
  return readException(headers[":error-code"] ?? "", JSON.stringify({ message }));
}

function readEvent(payload: Uint8Array): Uint8Array | StreamFailure | undefined {
  const part = parseJson(decoder.decode(payload));
  if (!isObject(part)) return { type: "junk", detail: "a message of the event stream that is no JSON" };
  const { bytes: encoded } = part;
  if (typeof encoded !== "string") return undefined;
  const data = decodeBase64(encoded);
  const event = data && parseJson(decoder.decode(data));
  if (data === undefined || !isObject(event)) {
    return { type: "junk", detail: "an event whose data is no JSON object in base64" };
  }
  const { type } = event;
  // Without a type no client could tell what it is.
  if (typeof type !== "string" || !/^[\w.-]{1,100}$/.test(type)) return undefined;
  return concatBytes([encoder.encode(`event: ${type}\ndata: `), oneLine(data), blankLine]);
}

const blankLine = encoder.encode("\n\n");

/** A server-sent event has its data in lines: a line break between two tokens of JSON becomes one of them. */
function oneLine(data: Uint8Array): Uint8Array {
  if (!data.includes(0x0a) && !data.includes(0x0d)) return data;
  return encoder.encode(decoder.decode(data).replaceAll(/\r\n|\r|\n/g, "\ndata: "));
}

function decodeBase64(text: string): Uint8Array | undefined {
  try {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
    return bytes;
  } catch {
    return undefined; // no base64
  }
}

function readException(name: string, body: string): StreamFailure {
  const { message } = readErrorText(body);
  const original = parseJson(body);
  const ownStatus = isObject(original) ? original["originalStatusCode"] : undefined;
  const key = name.replace(/(?:Exception|Error)?$/, "").toLowerCase();
  // `modelStreamErrorException` says which status the model itself gave.
  const status =
    typeof ownStatus === "number" && ownStatus >= 400 && ownStatus < 600 ? ownStatus : exceptionStatus[key];
  return {
    type: "error",
    error: { message, ...(name !== "" && { type: name }) },
    ...(status !== undefined && { status }),
  };
}
