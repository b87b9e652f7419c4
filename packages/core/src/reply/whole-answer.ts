import { CcpbError } from "../errors.ts";
import type { TokenUsage } from "../events.ts";
import type { StreamFailure } from "../policy/outcome.ts";
import { concatBytes } from "../upstream/splice-model.ts";
import { eventStreamType, jsonType, type ReaderState, type ReplyReader } from "./reader.ts";

/** What a whole body turned out to be. */
export type WholeAnswer =
  | {
      readonly type: "answer";
      readonly bytes: Uint8Array;
      readonly usage?: TokenUsage;
      readonly stopReason?: string;
      readonly warnings: readonly string[];
    }
  | { readonly type: "failure"; readonly failure: StreamFailure };

/** Makes the client's answer of a whole upstream body. */
export type ReadWhole = (body: Uint8Array) => WholeAnswer;

// An answer of 128k tokens is far below; what is larger is held back from memory, not from a client that could use it.
const maxAnswerBytes = 64 * 1024 * 1024;

/** Collects a body and judges it at its end: nothing goes to the client before the whole answer is known to be one. */
export class WholeAnswerReader implements ReplyReader {
  readonly contentType: string;
  readonly isKeepAlive: boolean = false;
  readonly canEnd: boolean = false;
  state: ReaderState = "prelude";
  failure: StreamFailure | undefined;
  usage: TokenUsage | undefined;
  stopReason: string | undefined;
  warnings: readonly string[] = [];
  readonly #readWhole: ReadWhole;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(readWhole: ReadWhole, framing: "json" | "events") {
    this.#readWhole = readWhole;
    this.contentType = framing === "json" ? jsonType : eventStreamType;
  }

  push(chunk: Uint8Array): undefined {
    if (this.state !== "prelude" || chunk.length === 0) return;
    this.#parts.push(chunk);
    this.#length += chunk.length;
    if (this.#length > maxAnswerBytes)
      this.#fail({ type: "too-large", detail: `an answer of more than ${maxAnswerBytes} bytes` });
  }

  end(): Uint8Array | undefined {
    if (this.state !== "prelude") return undefined;
    const body = concatBytes(this.#parts);
    this.#parts = [];
    const answer = this.#readWhole(body);
    if (answer.type === "failure") {
      this.#fail(answer.failure);
      return undefined;
    }
    this.state = "complete";
    this.usage = answer.usage;
    this.stopReason = answer.stopReason;
    this.warnings = answer.warnings;
    return answer.bytes;
  }

  #fail(failure: StreamFailure): void {
    this.state = "failed";
    this.failure = failure;
    this.#parts = [];
  }
}

/** What a translator's typed error says about the upstream's answer; its cause is the failure itself. */
export function failureOf(error: unknown): StreamFailure {
  if (error instanceof CcpbError && isFailure(error.cause)) return error.cause;
  return { type: "not-an-answer", detail: "the body cannot be read" };
}

function isFailure(cause: unknown): cause is StreamFailure {
  return typeof cause === "object" && cause !== null && "type" in cause && failureTypes.has(String(cause.type));
}

const failureTypes: ReadonlySet<string> = new Set<StreamFailure["type"]>([
  "error",
  "truncated",
  "junk",
  "not-an-answer",
  "too-large",
]);
