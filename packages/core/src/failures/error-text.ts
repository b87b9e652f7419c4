import type { UpstreamErrorText } from "../policy/outcome.ts";
import { isObject, parseJson, type JsonObject } from "../translate/json-object.ts";
import { redactSecrets } from "./redact.ts";

// A message is for people and for Claude Code's patterns; an HTML page or a dumped request is for neither.
const maxMessage = 2_000;
const maxPlainText = 200;
const maxPage = 16_384;
const maxDepth = 6;

/**
 * What an upstream's error body says, whatever its shape: OpenAI's and Anthropic's envelopes, xAI's and Ollama's strings, Mistral's and FastAPI's
 * `detail`, Google's arrays, OpenRouter's wrapped raw text, an event-stream frame, HTML, plain text or nothing. The content-type is not asked:
 * vendors send JSON errors as octet-stream. Never empty, never a whole page, and secrets are redacted.
 */
export function readErrorText(body: string): UpstreamErrorText {
  const text = body.replace(/^\uFEFF/, "").trim();
  if (text === "") return { message: "the provider sent an empty error body" };
  const parsed = parseJson(text) ?? parseJson(eventData(text) ?? "");
  const read = parsed === undefined ? undefined : readErrorValue(parsed);
  if (read) return read;
  if (isUnreadable(text)) return { message: "the provider sent an unreadable (binary or compressed) error body" };
  if (/^<(?:!doctype|html|head|body|\?xml|center|h\d|title)/i.test(text)) return { message: htmlMessage(text) };
  return { message: shorten(redactSecrets(text), parsed === undefined ? maxPlainText : maxMessage) };
}

/** What a parsed error value says, or undefined where it holds no words at all. */
export function readErrorValue(value: unknown): UpstreamErrorText | undefined {
  const message = messageOf(value, 0);
  const { type, code } = kindOf(value, 0);
  if (message === undefined && type === undefined && code === undefined) return undefined;
  return {
    message: shorten(redactSecrets(message ?? `the provider reported ${type ?? `error ${code}`}`), maxMessage),
    ...(type !== undefined && { type }),
    ...(code !== undefined && { code }),
  };
}

/** The HTTP status from 400 to 599 that an error object itself names (`code`, `status`, `status_code`, …), or undefined. */
export function readErrorStatus(value: unknown): number | undefined {
  if (Array.isArray(value)) return readErrorStatus(value[0]);
  if (!isObject(value)) return undefined;
  for (const key of ["status_code", "status", "code", "http_code", "statusCode"]) {
    const status = typeof value[key] === "string" ? Number(value[key]) : value[key];
    if (typeof status === "number" && Number.isInteger(status) && status >= 400 && status <= 599) return status;
  }
  return readErrorStatus(value["error"]);
}

/**
 * Whether an object that came with status 200 is an error instead of an answer: an `error` member in any shape, an error envelope, or, where
 * there are no choices, a bare message with a code (FastAPI, vLLM, MiniMax, Baidu, gateways).
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

/** A message may itself be JSON, whole ("{\"error\":…}") or after a prefix ("Error: 400 {\"type\":\"error\",…}"). */
function messageOfString(text: string, depth: number): string | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  const brace = trimmed.indexOf("{");
  if (brace >= 0 && brace < 200 && trimmed.endsWith("}")) {
    const inner = parseJson(trimmed.slice(brace));
    const message = isObject(inner) ? messageOf(inner, depth + 1) : undefined;
    if (message !== undefined) return message;
  }
  return /^<(?:!doctype|html)/i.test(trimmed) ? htmlMessage(trimmed) : trimmed;
}

/** FastAPI's and pydantic's `{loc: ["body", "messages"], msg: "Field required"}`. */
function validationMessage(item: unknown): string | undefined {
  if (!isObject(item) || typeof item["msg"] !== "string") return undefined;
  const place = Array.isArray(item["loc"]) ? item["loc"].filter((part) => part !== "body").join(".") : "";
  return place === "" ? item["msg"] : `${place}: ${item["msg"]}`;
}

/** OpenRouter says "Provider returned error" and hides what it was in `metadata.raw`. */
function withRaw(message: string, error: JsonObject, depth: number): string {
  const metadata = error["metadata"];
  if (!isObject(metadata)) return message;
  const raw = messageOf(metadata["raw"], depth + 1);
  return raw === undefined || message.includes(raw) ? message : `${message}: ${raw}`;
}

function kindOf(value: unknown, depth: number): { readonly type?: string; readonly code?: string } {
  if (depth > maxDepth) return {};
  if (Array.isArray(value)) return kindOf(value[0], depth + 1);
  if (!isObject(value)) return {};
  const inner = isObject(value["error"]) || Array.isArray(value["error"]) ? kindOf(value["error"], depth + 1) : {};
  // An envelope's own `type: "error"` says nothing; Google's word stands in `status`, AWS's in `__type`.
  const type = inner.type ?? wordOf(value["type"], "error") ?? wordOf(value["__type"]) ?? wordOf(value["status"]);
  const code = inner.code ?? codeOf(value["code"]) ?? codeOf(value["error_code"]) ?? codeOf(value["status_code"]);
  return { ...(type !== undefined && { type }), ...(code !== undefined && { code }) };
}

function wordOf(value: unknown, except?: string): string | undefined {
  return typeof value === "string" && value !== "" && value !== except && !/^\d+$/.test(value) ? value : undefined;
}

function codeOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  const found = parts.filter((part) => part !== undefined);
  return found.length === 0 ? undefined : found.join("; ");
}

/** The data of the last frame, where an error came as an event stream. */
function eventData(text: string): string | undefined {
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:") && !line.includes("[DONE]"));
  return lines.at(-1)?.slice("data:".length);
}

function htmlMessage(html: string): string {
  const page = html.slice(0, maxPage);
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(page)?.[1]?.trim();
  if (title !== undefined && title !== "") return shorten(redactSecrets(unescapeHtml(title)), maxPlainText);
  const text = unescapeHtml(page.replace(/<(script|style)[\s\S]*?<\/\1>/gi, " ").replace(/<[^>]*>/g, " "));
  const words = redactSecrets(text.replace(/\s+/g, " ").trim());
  return words === "" ? "the provider sent an HTML page" : shorten(words, maxPlainText);
}

function unescapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: " " };
  return text.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (whole, name: string) => entities[name] ?? whole);
}

/** Control characters or replacement characters beyond a twentieth: a body that nobody decompressed. */
function isUnreadable(text: string): boolean {
  const head = text.slice(0, 400);
  let strange = 0;
  for (const character of head) {
    const code = character.charCodeAt(0);
    if (code < 0x09 || (code > 0x0d && code < 0x20) || code === 0xfffd) strange += 1;
  }
  return strange > head.length / 20;
}

function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
