import type { UpstreamErrorText } from "../base/outcome.ts";
import { isObject, parseJson, type JsonObject } from "../base/json.ts";
import { googleReason } from "./cloud-text.ts";
import { errorCodeMeaning, isMessagesType } from "./error-code.ts";
import { readErrorStatus } from "./error-status.ts";
import { htmlMessage } from "./html-text.ts";
import { readStatedWait } from "./stated-wait.ts";
import { isLabel } from "./prose.ts";
import { redactSecrets } from "./redact.ts";

// A message is for people and for Claude Code's patterns; an HTML page or a dumped request is for neither.
const maxMessage = 2_000;
const maxPlainText = 200;
// Nothing looks at more of a text than this.
const maxText = 8_192;
const maxWord = 120;
const maxDepth = 6;

/** The form in which an error came. `anthropic`: an Anthropic error object, which a client of the Messages API reads as it stands. */
export type ErrorShape = "anthropic" | "json" | "html" | "text" | "empty" | "unreadable";

/** An error body, read once. */
export interface ErrorBody {
  readonly text: UpstreamErrorText;
  readonly shape: ErrorShape;
  /** The parsed JSON, where it is JSON. */
  readonly value?: unknown;
}

/**
 * Reads the error body of an upstream, in any shape: envelopes of OpenAI and Anthropic, strings of xAI and Ollama,
 * `detail` of Mistral and FastAPI, arrays of Google, OpenRouter's wrapped raw text, an event-stream frame, HTML,
 * plain text or nothing. The content type is not used, because vendors send JSON errors as octet-stream.
 *
 * @param body - body as text.
 * @returns message, type and code. The message is never empty and never a whole page; secrets are redacted.
 * @example
 * ```ts
 * console.log(readErrorText('{"detail":"model not found"}').message); // model not found
 * ```
 */
export function readErrorText(body: string): UpstreamErrorText {
  return readErrorBody(body).text;
}

/** Reads an error body like `readErrorText`, and adds the form of the body and its JSON. */
export function readErrorBody(body: string): ErrorBody {
  const text = body.replace(/^\uFEFF/, "").trim();
  if (text === "") return { text: { message: "the provider sent an empty error body" }, shape: "empty" };
  const value = parseJson(text) ?? parseJson(eventData(text) ?? "");
  const read = value === undefined ? undefined : readErrorValue(value);
  if (read) return { text: read, shape: isAnthropicError(value) ? "anthropic" : "json", value };
  if (isUnreadable(text)) {
    const message = "the provider sent an unreadable (binary or compressed) error body";
    return { text: { message }, shape: "unreadable" };
  }
  if (isPage(text)) return { text: { message: htmlMessage(text) }, shape: "html" };
  const message = clean(text, value === undefined ? maxPlainText : maxMessage);
  return value === undefined ? { text: { message }, shape: "text" } : { text: { message }, shape: "json", value };
}

function isAnthropicError(value: unknown): boolean {
  return isObject(value) && value["type"] === "error" && isObject(value["error"]) && hasText(value["error"]["message"]);
}

function hasText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isPage(text: string): boolean {
  return /^<(?:!doctype|!--|html|head|body|\?xml|center|h\d|title)/i.test(text);
}

/** Reads the words of a parsed error value; undefined if it holds none. */
export function readErrorValue(value: unknown): UpstreamErrorText | undefined {
  const message = messageOf(value, 0);
  const { type, code, errorCode } = kindOf(value, 0);
  if (message === undefined && type === undefined && code === undefined) return undefined;
  const param = paramOf(value, 0);
  const retryAfter = readStatedWait(value);
  return {
    message: clean(message ?? `the provider reported ${type ?? `error ${code}`}`, maxMessage),
    ...(type !== undefined && { type }),
    ...(code !== undefined && { code }),
    ...(errorCode !== undefined && { errorCode }),
    ...(param !== undefined && { param }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

/**
 * Decides whether an object with status 200 is an error instead of an answer: an `error` member in any shape, an
 * error envelope, or, without choices, a bare message with a code (FastAPI, vLLM, MiniMax, Baidu, gateways).
 */
export function isErrorObject(value: JsonObject): boolean {
  if (isError(value["error"])) return true;
  if (value["object"] === "error" || value["type"] === "error") return true;
  if (isObject(value["base_resp"]) && isFailureCode(value["base_resp"]["status_code"])) return true;
  if (Array.isArray(value["choices"]) && value["choices"].length > 0) return false;
  if (hasContent(value["detail"]) || hasContent(value["errors"]) || hasContent(value["error_msg"])) return true;
  const hasMessage = typeof value["message"] === "string" || typeof value["msg"] === "string";
  return (
    hasMessage && (readErrorStatus(value) !== undefined || isFailureCode(value["code"]) || value["success"] === false)
  );
}

/** An `error` member that says something; `{code: 0, message: ""}` and the like say that there is none. */
function isError(error: unknown): boolean {
  if (!isObject(error) || hasContent(error["message"])) return hasContent(error);
  return Object.entries(error).some(([key, value]) => (key === "code" ? isFailureCode(value) : hasContent(value)));
}

function hasContent(value: unknown): boolean {
  if (typeof value === "string") return value !== "";
  if (Array.isArray(value)) return value.length > 0;
  return isObject(value) && Object.keys(value).length > 0;
}

function isFailureCode(code: unknown): boolean {
  return (
    (typeof code === "number" && code !== 0 && code !== 200) || (typeof code === "string" && !/^(?:0|200|)$/.test(code))
  );
}

// In this order: the more specific words stand deeper (`error.message` before a gateway's own `message`).
const messageKeys = [
  "error",
  "message",
  "detail",
  "error_msg",
  "error_message",
  "msg",
  "status_msg",
  "errors",
  "base_resp",
  "title",
  "reason",
];

function messageOf(value: unknown, depth: number): string | undefined {
  if (depth > maxDepth) return undefined;
  if (typeof value === "string") return messageOfString(value, depth);
  if (Array.isArray(value))
    return joined(value.slice(0, 5).map((item) => validationMessage(item) ?? messageOf(item, depth + 1)));
  if (!isObject(value)) return undefined;
  // Nest and Spring put the status line into `error` and the explanation beside it.
  const isStatusLine = typeof value["error"] === "string" && hasContent(value["message"]);
  for (const key of messageKeys) {
    if (key === "error" && isStatusLine) continue;
    const message = value[key] === undefined ? undefined : messageOf(value[key], depth + 1);
    if (message !== undefined) return withRaw(message, value, depth);
  }
  return undefined;
}

/**
 * A message may itself be JSON, whole ("{\"error\":…}") or after a relay's label ("Error: 400 {\"type\":\"error\",…}"). Behind other words it is
 * what they are about, such as the arguments of a tool.
 */
function messageOfString(text: string, depth: number): string | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  const brace = trimmed.indexOf("{");
  if (brace >= 0 && brace < 200 && trimmed.endsWith("}") && isLabel(trimmed.slice(0, brace))) {
    const inner = parseJson(trimmed.slice(brace));
    const message = isObject(inner) ? messageOf(inner, depth + 1) : undefined;
    if (message !== undefined) return message;
  }
  return /^<(?:!doctype|html)/i.test(trimmed) ? htmlMessage(trimmed) : trimmed.slice(0, maxText);
}

/** FastAPI's and pydantic's `{loc: ["body", "messages"], msg: "Field required"}`. */
function validationMessage(item: unknown): string | undefined {
  if (!isObject(item) || typeof item["msg"] !== "string") return undefined;
  const place = Array.isArray(item["loc"]) ? item["loc"].filter((part) => part !== "body").join(".") : "";
  return place === "" ? item["msg"] : `${place}: ${item["msg"]}`;
}

/**
 * Appends what a short message keeps in other members: OpenRouter says "Provider returned error" and has the words in `metadata.raw`, Azure says
 * "invalid input error" and has the refused members in `details`.
 */
function withRaw(message: string, error: JsonObject, depth: number): string {
  const { metadata, details } = error;
  const raw = isObject(metadata) ? messageOf(metadata["raw"], depth + 1) : undefined;
  const invalid = Array.isArray(details) ? joined(details.slice(0, 5).map(validationMessage)) : undefined;
  return [raw, invalid].reduce<string>(
    (text, more) => (more === undefined || text.includes(more) ? text : `${text}: ${more}`),
    message,
  );
}

function kindOf(value: unknown, depth: number): Pick<UpstreamErrorText, "type" | "code" | "errorCode"> {
  if (depth > maxDepth) return {};
  if (Array.isArray(value)) return kindOf(value[0], depth + 1);
  if (!isObject(value)) return {};
  const inner = isObject(value["error"]) || Array.isArray(value["error"]) ? kindOf(value["error"], depth + 1) : {};
  // An envelope's own `type: "error"` says nothing; Google's word stands in `status`, AWS's in `__type`.
  const type = inner.type ?? wordOf(value["type"], "error") ?? wordOf(value["__type"]) ?? wordOf(value["status"]);
  const detailCode = detailsCode(value);
  const errorCode = inner.errorCode ?? messagesCode(value);
  // A relay may have put a code of its own beside it, such as the status.
  const isKnown = detailCode !== undefined && errorCodeMeaning(detailCode) !== undefined;
  const code =
    inner.code ??
    googleReason(value) ??
    (isKnown ? detailCode : undefined) ??
    codeOf(value["code"]) ??
    codeOf(value["error_code"]) ??
    codeOf(value["status_code"]) ??
    detailCode;
  return {
    ...(type !== undefined && { type }),
    ...(code !== undefined && { code }),
    ...(errorCode !== undefined && { errorCode }),
  };
}

/**
 * The code of an error of the Messages API: that of its envelope or, where a relay keeps the error alone, that beside one of its types. A type may say as
 * much as a code (`policy_blocked`). Another vendor may mean something else by the same word, and writes it elsewhere.
 */
function messagesCode(value: JsonObject): string | undefined {
  const { type, error } = value;
  if (type !== "error" || !isObject(error)) return isMessagesType(type) ? detailsCode(value) : undefined;
  const code = detailsCode(error);
  if (code !== undefined || "sequence_number" in value) return code;
  // Errors of other APIs have one of these beside the type.
  const isOther = ["code", "param", "status"].some((name) => name in error);
  const word = isOther ? undefined : wordOf(error["type"]);
  return word !== undefined && errorCodeMeaning(word) !== undefined ? word : undefined;
}

function detailsCode({ details }: JsonObject): string | undefined {
  return isObject(details) ? codeOf(details["error_code"]) : undefined;
}

const paramKeys = ["param", "loc", "path", "field", "instancePath", "pointer"];

/** The parameter or place that an error names; of several, the first. */
function paramOf(value: unknown, depth: number): string | undefined {
  if (depth > maxDepth) return undefined;
  if (Array.isArray(value)) return paramOf(value[0], depth + 1);
  if (!isObject(value)) return undefined;
  for (const key of paramKeys) {
    const place = placeOf(value[key]);
    if (place !== undefined) return place;
  }
  for (const key of ["error", "detail", "details", "errors", "issues", "message"]) {
    const place = isObject(value[key]) || Array.isArray(value[key]) ? paramOf(value[key], depth + 1) : undefined;
    if (place !== undefined) return place;
  }
  return undefined;
}

function placeOf(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const parts = value.slice(0, 12).filter((part) => typeof part === "string" || typeof part === "number");
    const [first, ...rest] = parts[0] === "body" ? parts.slice(1) : parts;
    // `["body"]` alone names the whole request, and "" would name nothing.
    return first === undefined ? undefined : `${first}${rest.map((part) => `.${part}`).join("")}`.slice(0, maxWord);
  }
  return typeof value === "string" && value !== "" && !/^(?:none|null)$/i.test(value)
    ? value.slice(0, maxWord)
    : undefined;
}

function wordOf(value: unknown, except?: string): string | undefined {
  if (typeof value !== "string" || value === "" || value === except) return undefined;
  return /^\d+$/.test(value.slice(0, maxWord)) ? undefined : value.slice(0, maxWord);
}

function codeOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value.slice(0, maxWord) : undefined;
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  const found = parts.filter((part) => part !== undefined);
  return found.length === 0 ? undefined : found.join("; ");
}

/** The data of the last frame, where an error came as an event stream. */
function eventData(text: string): string | undefined {
  if (!/^(?:event|data|id|retry|:)/.test(text)) return undefined;
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:") && !line.includes("[DONE]"));
  return lines.at(-1)?.slice("data:".length);
}

/**
 * Decides whether a text is a body that was not decompressed: more than a twentieth are control characters or
 * replacement characters.
 */
function isUnreadable(text: string): boolean {
  const head = text.slice(0, 400);
  let strange = 0;
  for (const character of head) {
    const code = character.charCodeAt(0);
    if (code < 0x09 || (code > 0x0d && code < 0x20) || code === 0xfffd) strange += 1;
  }
  return strange > head.length / 20;
}

/** Removes secrets from a text and cuts it to `max` characters. Only its first 8 kB are read. */
function clean(text: string, max: number): string {
  return shorten(redactSecrets(text.slice(0, maxText)), max);
}

function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
