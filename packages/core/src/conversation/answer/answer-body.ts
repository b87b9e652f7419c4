import type { StreamFailure } from "../../base/outcome.ts";
import { readErrorStatus } from "../../failures/error-status.ts";
import { isErrorObject, readErrorText, readErrorValue } from "../../failures/error-text.ts";
import { isObject, parseJson, type JsonObject } from "../../base/json.ts";

/** The JSON of an answer's body, or why it is none. */
export type AnswerBody =
  | { readonly type: "json"; readonly value: unknown }
  | { readonly type: "failure"; readonly failure: StreamFailure };

/** Reads the body of an answer that is no event stream. */
export function readAnswerBody(text: string): AnswerBody {
  const body = text.replace(/^[\uFEFF\s]+/, "");
  const value = parseJson(body);
  if (value !== undefined) return { type: "json", value };
  return { type: "failure", failure: looseError(body) ?? notAnAnswer(body) };
}

/** Reads an error object as the failure of a stream. */
export function errorFailure(error: JsonObject): StreamFailure {
  const status = readErrorStatus(error);
  return {
    type: "error",
    error: readErrorValue(error) ?? { message: "the provider reported an error without words" },
    ...(status !== undefined && { status }),
  };
}

/** Reads a parsed value as the failure of a stream, where it is an error object in any vendor's shape, alone or in a list as Google writes it. */
export function foundError(value: unknown): StreamFailure | undefined {
  const error: unknown = Array.isArray(value) ? value[0] : value;
  return isObject(error) && isErrorObject(error) ? errorFailure(error) : undefined;
}

/**
 * Returns a JSON error on a line of its own, as gateways write it into the middle of a stream or in front of one, or under the field name `error`, as
 * llama.cpp's server and what embeds it (GPUStack) do; undefined where there is none.
 */
export function looseError(text: string): StreamFailure | undefined {
  const line = text.split(/[\r\n]/, 1)[0] ?? "";
  const json = line.replace(/^error: ?/, "");
  return json.startsWith("{") || json.startsWith("[") ? foundError(parseJson(json)) : undefined;
}

/** Collects the bytes of a JSON answer; bounded. */
export class AnswerBytes {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #maxLength: number;
  #parts: string[] = [];
  #length = 0;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** Returns why the body cannot become an answer any more. */
  push(bytes: Uint8Array): StreamFailure | undefined {
    this.#length += bytes.length;
    if (this.#length > this.#maxLength) {
      this.#parts = [];
      return { type: "too-large", detail: `the provider's answer is larger than ${this.#maxLength} bytes` };
    }
    return this.#decode(() => this.#decoder.decode(bytes, { stream: true }));
  }

  end(): AnswerBody {
    const failure = this.#decode(() => this.#decoder.decode());
    return failure ? { type: "failure", failure } : readAnswerBody(this.#parts.join(""));
  }

  #decode(decode: () => string): StreamFailure | undefined {
    try {
      this.#parts.push(decode());
      return undefined;
    } catch {
      return { type: "not-an-answer", detail: "the provider's answer is not valid UTF-8" };
    }
  }
}

function notAnAnswer(text: string): StreamFailure {
  if (text === "") return { type: "not-an-answer", detail: "the provider sent an empty body" };
  const isJson = text.startsWith("{") || text.startsWith("[");
  const detail = isJson
    ? "the provider sent JSON that is cut or invalid"
    : `the provider sent something that is no answer: ${readErrorText(text).message}`;
  return { type: "not-an-answer", detail };
}
