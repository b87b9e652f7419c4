import { BodyBytes } from "../../bytes/body-bytes.ts";
import type { ByteRange } from "../../bytes/json-walk.ts";
import type { ScanBody } from "../../bytes/scan-body.ts";
import { digest } from "../../base/digest.ts";
import { CcpbError } from "../../base/errors.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { decodeString } from "../../bytes/splice-model.ts";
import type { ClientDialect, ClientReading, DialectName } from "../dialect.ts";
import type { HeaderMap } from "../../base/outcome.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { readUserId } from "../../conversation/request/user-id.ts";
import { thinkingType } from "./body-members.ts";
import { type BodyPlaces, readPlaces } from "../../bytes/body-places.ts";
import { mayHoldOwnMark, mayHoldWeakSignature } from "./thinking.ts";
import { fitMapped, mappedRules } from "./fit-mapped.ts";
import { fitRequest } from "./fit-request.ts";
import { isRawRequest, type RawRequest } from "./raw-request.ts";
import { digestOf, loginDigest } from "./request-digests.ts";
import { type RequestFacts, readRequestFacts } from "./request-facts.ts";

/** Facts that come with a request. Headers and query overrule those of a `RawRequest`. */
export interface ClientContext {
  readonly headers?: HeaderMap | undefined;
  readonly query?: string | undefined;
  /** True if any provider's traffic is translated. Default `true`. */
  readonly hasTranslation?: boolean;
  /** True if APIs that do not accept each other's thinking may have written the history. Default `true`. */
  readonly isMixed?: boolean;
  /** Finds the members of the body. Default: core's own walk over the bytes. */
  readonly scanBody?: ScanBody | undefined;
  /** Reads a request of another API than Messages; absent for one of Messages. */
  readonly client?: ClientDialect | undefined;
  /** Owner of the request: the client's name, or the digest of its credential. */
  readonly owner?: string | undefined;
}

/** A request that was fitted to a model. */
export interface FittedClient {
  readonly model: string;
  readonly request: ClientRequest;
  readonly warnings: readonly string[];
}

const noBytes = new BodyBytes([]);

/**
 * The client's request, held once for all attempts: bytes for providers that speak the client's API, the parsed form, made on first need, for
 * translation. `body` and `facts` are of the client's own API; everything that the Messages API has, such as `parsed` and `places`, is of the request as
 * the neutral model has it.
 */
export class ClientRequest {
  /** The API that the client speaks. */
  readonly dialect: DialectName;
  readonly headers: HeaderMap;
  readonly query: string;
  readonly facts: RequestFacts;
  /**
   * Owner of the request: the client's name, or the digest of its credential. Items of its answers are kept under it.
   */
  readonly owner: string;
  #bytes: BodyBytes;
  #parsed: MessagesRequest | undefined;
  readonly #client: ClientDialect | undefined;
  readonly #context: ClientContext;
  #json: JsonObject | undefined;
  #reading: ClientReading | undefined;
  #neutral: ClientRequest | undefined;
  #fitted: FittedClient | undefined;
  readonly #hasTranslation: boolean;
  readonly #isMixed: boolean;
  #places: BodyPlaces | undefined;
  #digest: string | undefined;
  #holdsOwnMark: boolean | undefined;
  #holdsWeakSignature: boolean | undefined;

  /** Throws `CcpbError` `invalid_request` where the body is not a Messages request. */
  constructor(request: MessagesRequest | RawRequest, context: ClientContext = {}) {
    const raw = isRawRequest(request) ? request : undefined;
    this.#bytes = new BodyBytes(raw?.body ?? new TextEncoder().encode(JSON.stringify(request)));
    this.#context = context;
    this.headers = context.headers ?? raw?.headers ?? {};
    this.query = context.query ?? raw?.query ?? "";
    this.#hasTranslation = context.hasTranslation ?? true;
    this.#isMixed = context.isMixed ?? true;
    this.#client = context.client;
    this.dialect = context.client?.name ?? "messages";
    this.owner = context.owner ?? loginDigest(this.headers);
    const known = raw?.memberOffsets;
    const scan = known === undefined ? context.scanBody : () => known;
    this.facts = readRequestFacts(this.#bytes, { scan, dialect: this.dialect });
    if (!isRawRequest(request)) this.#parsed = request;
  }

  /** The bytes as they came, in chunks; none after `release`. */
  get bytes(): BodyBytes {
    return this.#bytes;
  }

  /** The bytes as they came, in one array, which takes the place of the chunks: only for what reads into the conversation. None after `release`. */
  get body(): Uint8Array {
    return this.#bytes.whole();
  }

  /** True if the request is still whole. */
  get isHeld(): boolean {
    return this.#bytes !== noBytes;
  }

  /** Drops everything large, once no further provider will be asked. */
  release(): void {
    this.#bytes = noBytes;
    this.#parsed = undefined;
    this.#places = undefined;
    this.#json = undefined;
    this.#reading = undefined;
    this.#neutral?.release();
    this.#neutral = undefined;
    this.#fitted = undefined;
  }

  /** The client's own body, parsed. */
  get json(): JsonObject {
    this.#json ??= parseBody(this.body);
    return this.#json;
  }

  /**
   * Request as the client's dialect reads it; for a client of Messages the request alone. Throws `CcpbError`
   * `invalid_request` if the Messages API cannot express it.
   */
  get reading(): ClientReading {
    if (this.#client === undefined) return { request: this.parsed, extras: {}, warnings: [] };
    this.#reading ??= this.#client.read(this.json);
    return this.#reading;
  }

  /** The same request as a client of Messages would send it; throws as `reading` does. */
  get neutral(): ClientRequest {
    if (this.#client === undefined) return this;
    // The reader marks reasoning that the Messages API cannot have made, whatever providers there are.
    const context = { hasTranslation: true, isMixed: this.#isMixed };
    this.#neutral ??= new ClientRequest(this.reading.request, context);
    return this.#neutral;
  }

  /**
   * The request as `model` of the Messages API takes it, with what was changed for that: a client's of the Messages API as it is, unless mapping changed what
   * its model takes. That of the last model is kept. Throws as `reading` does.
   */
  fittedTo(model: string): FittedClient {
    if (this.#client === undefined && model === this.facts.model) return { model, request: this, warnings: [] };
    if (this.#fitted?.model !== model)
      this.#fitted = this.#client === undefined ? this.#mappedTo(model) : this.#read(model);
    return this.#fitted;
  }

  /** The request of a client of Messages for another model than its own. */
  #mappedTo(model: string): FittedClient {
    const takes = mappedRules(this.facts.model, model);
    if (takes === undefined) return { model, request: this, warnings: [] };
    const { body, warnings } = fitMapped(this.body, this.places, takes);
    const { headers, query, owner } = this;
    return { model, request: new ClientRequest({ body }, { ...this.#context, headers, query, owner }), warnings };
  }

  #read(model: string): FittedClient {
    const { request, warnings } = fitRequest(this.reading.request, model);
    // The same marks; and clients of other APIs seldom give thinking back.
    const context = { hasTranslation: true, isMixed: true };
    const texts = warnings.map(({ message }) => message);
    return { model, request: new ClientRequest(request, context), warnings: texts };
  }

  /** The parsed body as the Messages API has it; shared by all attempts and never changed. Throws as `reading` does. */
  get parsed(): MessagesRequest {
    if (this.#client !== undefined) return this.reading.request;
    this.#parsed ??= parseBody(this.body) as unknown as MessagesRequest; // the walk has checked it; translators check what stands deeper
    return this.#parsed;
  }

  /** Request like `parsed`; undefined if the Messages API cannot express it. */
  get readable(): MessagesRequest | undefined {
    try {
      return this.parsed;
    } catch (error) {
      if (error instanceof CcpbError) return undefined;
      throw error;
    }
  }

  /** Places of the parts of the body; computed on first need, shared by all attempts. */
  get places(): BodyPlaces {
    this.#places ??= readPlaces(this.body);
    return this.#places;
  }

  /**
   * True if the history may hold something that ccpb's own translation made, which an anthropic provider must not be
   * sent. Not searched for if nothing is translated.
   */
  get mayHoldOwnMark(): boolean {
    this.#holdsOwnMark ??= this.#hasTranslation && mayHoldOwnMark(this.#bytes);
    return this.#holdsOwnMark;
  }

  /**
   * True if a running tool turn may lack thinking that the request's way of thinking demands, because another API
   * began it.
   */
  get mayLackThinking(): boolean {
    const thinking = this.#isMixed ? this.#valueAt(this.facts.thinking) : undefined;
    return thinking !== undefined && thinkingType(thinking, { start: 0, end: thinking.length }) === "enabled";
  }

  /** True if the history may hold a thinking signature that no Anthropic API can have made. */
  get mayHoldWeakSignature(): boolean {
    this.#holdsWeakSignature ??= mayHoldWeakSignature(this.#bytes);
    return this.#holdsWeakSignature;
  }

  /** The key for `session_affinity`: a digest of the session's id, else of the system prompt and the first user message. */
  get sessionKey(): string {
    const { sessionId } = this;
    if (sessionId !== undefined) return `s:${digest(sessionId)}`;
    const parsed = this.readable;
    if (parsed === undefined) return `b:${this.digest}`;
    const { system, messages } = parsed;
    return `h:${digest(JSON.stringify([system, messages.find((message) => isObject(message) && message["role"] === "user")]))}`;
  }

  /** Digest of the client's own credential, to distinguish clients without keeping it. */
  get loginDigest(): string {
    return loginDigest(this.headers);
  }

  /**
   * Digest of the body's length, beginning and end, to distinguish requests that failed. Computed once, on the first
   * failure.
   */
  get digest(): string {
    this.#digest ??= digestOf(this.#bytes);
    return this.#digest;
  }

  /**
   * The conversation's id: the header of Claude Code or Codex, else the session inside `metadata.user_id`, else `prompt_cache_key`; undefined where
   * none of them is there.
   */
  get sessionId(): string | undefined {
    for (const name of sessionHeaders) {
      const header = this.headers[name];
      if (typeof header === "string" && header !== "") return header;
    }
    const cacheKey = this.#valueAt(this.facts.cacheKey);
    if (cacheKey) return decodeString(cacheKey, { start: 0, end: cacheKey.length }) || undefined;
    const metadata = this.#valueAt(this.facts.metadata);
    return metadata && readUserId(JSON.parse(new TextDecoder().decode(metadata)))?.session;
  }

  /** Value of `thread` as JSON text; undefined if it is absent. */
  get threadText(): string | undefined {
    const thread = this.#valueAt(this.facts.thread);
    return thread && new TextDecoder().decode(thread);
  }

  #valueAt(range: ByteRange | undefined): Uint8Array | undefined {
    return range && this.#bytes.slice(range.start, range.end);
  }
}

const sessionHeaders = ["x-claude-code-session-id", "session_id", "conversation_id"];

function parseBody(body: Uint8Array): JsonObject {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as JsonObject; // the walk has found one object
  } catch (error) {
    throw new CcpbError("invalid_request", "The request body is not valid JSON", {
      status: 400,
      type: "invalid_request_error",
      cause: error,
    });
  }
}
