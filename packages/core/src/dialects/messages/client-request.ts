import { digest } from "../../base/digest.ts";
import { CcpbError } from "../../base/errors.ts";
import { isObject } from "../../base/json.ts";
import type { HeaderMap } from "../../base/outcome.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { readUserId } from "../../conversation/request/user-id.ts";
import { thinkingType } from "./body-members.ts";
import { type BodyPlaces, readPlaces } from "../../bytes/body-places.ts";
import { mayHoldOwnMark, mayHoldWeakSignature } from "./thinking.ts";
import { headerValue } from "../headers.ts";
import { type RequestFacts, readRequestFacts } from "./request-facts.ts";

/** A request as it came over HTTP: the body's bytes as they are, the client's headers (lower-case names), the query with its `?`. */
export interface RawRequest {
  readonly body: Uint8Array;
  readonly headers?: HeaderMap;
  readonly query?: string;
}

/** What comes with a request: headers and query overrule those of a `RawRequest`. */
export interface ClientContext {
  readonly headers?: HeaderMap | undefined;
  readonly query?: string | undefined;
  /** Whether any provider's traffic is translated; default true. */
  readonly hasTranslation?: boolean;
  /** Whether APIs that do not accept each other's thinking may have written the history; default true. */
  readonly isMixed?: boolean;
}

const noBytes = new Uint8Array();

/** The client's request, held once for all attempts: bytes for native providers, the parsed form, made on first need, for translation. */
export class ClientRequest {
  readonly headers: HeaderMap;
  readonly query: string;
  readonly facts: RequestFacts;
  #body: Uint8Array;
  #parsed: MessagesRequest | undefined;
  readonly #hasTranslation: boolean;
  readonly #isMixed: boolean;
  #places: BodyPlaces | undefined;
  #digest: string | undefined;
  #holdsOwnMark: boolean | undefined;
  #holdsWeakSignature: boolean | undefined;

  /** Throws `CcpbError` `invalid_request` where the body is not a Messages request. */
  constructor(request: MessagesRequest | RawRequest, context: ClientContext = {}) {
    const raw = isRawRequest(request) ? request : undefined;
    this.#body = raw?.body ?? new TextEncoder().encode(JSON.stringify(request));
    this.headers = context.headers ?? raw?.headers ?? {};
    this.query = context.query ?? raw?.query ?? "";
    this.#hasTranslation = context.hasTranslation ?? true;
    this.#isMixed = context.isMixed ?? true;
    this.facts = readRequestFacts(this.body);
    if (!isRawRequest(request)) this.#parsed = request;
  }

  /** The bytes as they came; none after `release`. */
  get body(): Uint8Array {
    return this.#body;
  }

  /** Whether the request is still whole. */
  get isHeld(): boolean {
    return this.#body !== noBytes;
  }

  /** Lets go of everything large: nobody will be asked any more. */
  release(): void {
    this.#body = noBytes;
    this.#parsed = undefined;
    this.#places = undefined;
  }

  /** The parsed body; shared by all attempts and never changed. */
  get parsed(): MessagesRequest {
    this.#parsed ??= parseBody(this.body);
    return this.#parsed;
  }

  /** Where the parts of the body stand; made on first need, shared by all attempts. */
  get places(): BodyPlaces {
    this.#places ??= readPlaces(this.body);
    return this.#places;
  }

  /** Whether something that our own translation made may be in the history: an anthropic provider must not be sent it. Not looked for where nothing is translated. */
  get mayHoldOwnMark(): boolean {
    this.#holdsOwnMark ??= this.#hasTranslation && mayHoldOwnMark(this.body);
    return this.#holdsOwnMark;
  }

  /** Whether a running tool turn may lack thinking that the request's way of thinking demands, because another API began it. */
  get mayLackThinking(): boolean {
    return this.#isMixed && thinkingType(this.body, this.facts.thinking) === "enabled";
  }

  /** Whether a thinking signature that no Anthropic API can have made may be in the history. */
  get mayHoldWeakSignature(): boolean {
    this.#holdsWeakSignature ??= mayHoldWeakSignature(this.body);
    return this.#holdsWeakSignature;
  }

  /** The key for `session_affinity`: a digest of the session's id, else of the system prompt and the first user message. */
  get sessionKey(): string {
    const { sessionId } = this;
    if (sessionId !== undefined) return `s:${digest(sessionId)}`;
    const { system, messages } = this.parsed;
    return `h:${digest(JSON.stringify([system, messages.find((message) => isObject(message) && message["role"] === "user")]))}`;
  }

  /** Tells clients' own credentials apart without keeping them. */
  get loginDigest(): string {
    const { headers } = this;
    return digest(`${headerValue(headers, "authorization") ?? ""}\n${headerValue(headers, "x-api-key") ?? ""}`);
  }

  /** Tells requests apart that failed: by the length, the beginning and the end of the body. Worked out once, on the first failure. */
  get digest(): string {
    this.#digest ??= digestOf(this.#body);
    return this.#digest;
  }

  /** The conversation's id: Claude Code's header, else the session inside `metadata.user_id`; undefined where neither is there. */
  get sessionId(): string | undefined {
    const header = this.headers["x-claude-code-session-id"];
    if (typeof header === "string" && header !== "") return header;
    const range = this.facts.metadata;
    return (
      range && readUserId(JSON.parse(new TextDecoder().decode(this.body.subarray(range.start, range.end))))?.session
    );
  }
}

const digestBytes = 65_536;

/** A conversation grows at its end: bodies that differ there are different requests. */
function digestOf(body: Uint8Array): string {
  const decoder = new TextDecoder("latin1");
  const head = decoder.decode(body.subarray(0, 4_096));
  return `${body.length}:${digest(head)}:${digest(decoder.decode(body.subarray(-digestBytes)))}`;
}

function isRawRequest(request: MessagesRequest | RawRequest): request is RawRequest {
  return "body" in request && ArrayBuffer.isView(request.body);
}

function parseBody(body: Uint8Array): MessagesRequest {
  try {
    // The walk has checked model and messages; what stands deeper is checked by the translator that reads it.
    return JSON.parse(new TextDecoder().decode(body)) as MessagesRequest;
  } catch (error) {
    throw new CcpbError("invalid_request", "The request body is not valid JSON", {
      status: 400,
      type: "invalid_request_error",
      cause: error,
    });
  }
}
