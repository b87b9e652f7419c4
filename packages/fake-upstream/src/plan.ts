import { STATUS_CODES } from "node:http";
import type { Behaviour, Framing, HttpBehaviour, WireEnd, WireStep } from "./behaviour.ts";
import { type BodyContext, deliveredBody, type DeliveredBody } from "./body.ts";
import { bedrockFrame } from "./aws-event-stream.ts";
import type { WireFormat } from "./dialect.ts";
import { awsErrorName } from "./error-object.ts";
import type { RecordedRequest } from "./recorded-request.ts";

/** Turns a behaviour into what happens on the socket; `id` is unique among all requests. */
export function planBehaviour(behaviour: Behaviour, request: RecordedRequest, id: string): readonly WireStep[] {
  if (behaviour.type === "wire") return behaviour.steps;
  const body = deliveredBody(behaviour, bodyContext(request, id));
  const framing = behaviour.framing ?? (body.isStream ? "chunked" : "length");
  const isBodiless = request.method === "HEAD" || behaviour.status === 204 || behaviour.status === 304;
  return [
    ...headSteps(behaviour, headText(behaviour, request, { body, framing, isBodiless, id })),
    ...(isBodiless ? [] : bodySteps(behaviour, body, framing)),
    ...endSteps(behaviour, framing, request),
  ];
}

function bodyContext(request: RecordedRequest, id: string): BodyContext {
  const fields = isRecord(request.body) ? request.body : {};
  const options = isRecord(fields["stream_options"]) ? fields["stream_options"] : {};
  return {
    dialect: request.dialect,
    stream: isStream(request, fields),
    id,
    model: modelOf(request, fields),
    byteLength: request.rawBody.length,
    includeUsage: options["include_usage"] === true,
  };
}

const requestIdHeaders: Readonly<Record<WireFormat, string>> = {
  anthropic: "request-id",
  openai: "x-request-id",
  responses: "x-request-id",
  bedrock: "x-amzn-requestid",
  vertex: "x-cloud-trace-context",
};

/** As Bedrock writes it, with its namespace. */
function errorTypeOf({ payload }: HttpBehaviour, status: number): string {
  const name = payload.type === "error" ? payload.error.errorType : undefined;
  return `${name ?? awsErrorName(status)}:http://internal.amazon.com/coral/com.amazon.bedrock/`;
}

/** The clouds take it from the path. */
function isStream({ dialect, path }: RecordedRequest, fields: Readonly<Record<string, unknown>>): boolean {
  if (dialect === "bedrock") return path.endsWith("/invoke-with-response-stream");
  return dialect === "vertex" ? path.endsWith(":streamRawPredict") : fields["stream"] === true;
}

function modelOf({ dialect, path }: RecordedRequest, fields: Readonly<Record<string, unknown>>): string {
  const place = dialect === "bedrock" ? /^\/model\/([^/]+)\//.exec(path) : /\/models\/([^/:]+):/.exec(path);
  // Both name the model in an answer by Anthropic's own name.
  if (place?.[1] !== undefined) return decodeURIComponent(place[1]).replace(/^(?:[\w-]+\.)?anthropic\./, "");
  return typeof fields["model"] === "string" ? fields["model"] : "fake-model";
}

function headText(
  behaviour: HttpBehaviour,
  request: RecordedRequest,
  parts: {
    readonly body: DeliveredBody;
    readonly framing: Framing;
    readonly isBodiless: boolean;
    readonly id: string;
  },
): string {
  const status = behaviour.status ?? 200;
  const headers = new Map<string, string | readonly string[] | null>([
    ["date", new Date().toUTCString()],
    ["content-type", parts.isBodiless ? null : parts.body.contentType],
    ...(parts.body.isStream ? [["cache-control", "no-cache"] as const] : []),
    [requestIdHeaders[request.dialect], `req_${parts.id}`],
    ["x-amzn-errortype", request.dialect === "bedrock" && status >= 400 ? errorTypeOf(behaviour, status) : null],
    ["content-encoding", behaviour.encoding ?? null],
    ...(parts.isBodiless ? [] : framingHeaders(parts.framing, parts.body)),
    ["connection", closes(behaviour, parts.framing, request) ? "close" : "keep-alive"],
  ]);
  for (const [name, value] of Object.entries(behaviour.headers ?? {})) headers.set(name.toLowerCase(), value);
  if (behaviour.head?.paddingBytes) headers.set("x-padding", "x".repeat(behaviour.head.paddingBytes));
  const lines = [...headers].flatMap(([name, value]) => {
    if (value === null) return [];
    return typeof value === "string" ? [`${name}: ${value}`] : value.map((one) => `${name}: ${one}`);
  });
  const statusLine = behaviour.head?.statusLine ?? `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}`;
  return [statusLine, ...lines, "", ""].join("\r\n");
}

function framingHeaders(framing: Framing, body: DeliveredBody): readonly (readonly [string, string])[] {
  if (typeof framing === "object") return [["content-length", String(framing.declaredLength)]];
  switch (framing) {
    case "length":
      return [["content-length", String(body.fullLength)]];
    case "close":
      return [];
    case "chunked":
    case "bad-chunk":
    case "long-chunk":
      return [["transfer-encoding", "chunked"]];
  }
}

function headSteps({ head }: HttpBehaviour, text: string): readonly WireStep[] {
  const steps: WireStep[] = head?.delayMs === undefined ? [] : [{ type: "wait", ms: head.delayMs }];
  if (head?.until !== undefined) steps.push({ type: "hold", until: head.until });
  for (const status of head?.informational ?? []) {
    steps.push({ type: "write", bytes: `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}\r\n\r\n` });
  }
  const pause = head?.byteDelayMs;
  if (pause === undefined) return [...steps, { type: "write", bytes: text }];
  for (const byte of text) steps.push({ type: "wait", ms: pause }, { type: "write", bytes: byte });
  return steps;
}

function bodySteps(behaviour: HttpBehaviour, body: DeliveredBody, framing: Framing): readonly WireStep[] {
  const pause = behaviour.delivery?.everyMs ?? (behaviour.delivery?.size === undefined ? undefined : 0);
  return body.writes.flatMap((bytes, index) => {
    const write: WireStep = { type: "write", bytes: framed(bytes, framing, index) };
    return pause === undefined ? [write] : [{ type: "wait", ms: pause }, write];
  });
}

function framed(bytes: Uint8Array, framing: Framing, index: number): Uint8Array {
  if (typeof framing === "object") return bytes;
  switch (framing) {
    case "length":
    case "close":
      return bytes;
    case "chunked":
      return chunk(bytes, bytes.length.toString(16));
    case "bad-chunk":
      return chunk(bytes, index === 0 ? bytes.length.toString(16) : "zz");
    case "long-chunk":
      return chunk(bytes, Math.max(1, bytes.length - 1).toString(16));
  }
}

function chunk(bytes: Uint8Array, size: string): Uint8Array {
  return Buffer.concat([Buffer.from(`${size}\r\n`), bytes, Buffer.from("\r\n")]);
}

function endSteps(behaviour: HttpBehaviour, framing: Framing, request: RecordedRequest): readonly WireStep[] {
  const { stop, afterwards } = behaviour;
  const end = (by: WireEnd): WireStep => ({ type: "end", by });
  const isChunked = framing === "chunked" || framing === "bad-chunk" || framing === "long-chunk";
  const lastChunk: readonly WireStep[] = isChunked ? [{ type: "write", bytes: "0\r\n\r\n" }] : [];
  switch (stop?.by) {
    case "reset":
      // RST overtakes what the client has not read yet, and libuv tells it as an orderly end when both come at once.
      return [{ type: "wait", ms: 3 }, end("reset")];
    case "fin":
      return [end("fin")];
    case "stall":
      return stop.heartbeat ? [heartbeat(stop.heartbeat, isChunked, request.dialect)] : [end("stall")];
    case "end":
    case undefined:
      break;
  }
  if (closes(behaviour, framing, request)) return [...lastChunk, end("fin")];
  if (typeof afterwards !== "object") return [...lastChunk, end("keep-alive")];
  return [...lastChunk, { type: "end", by: "keep-alive", idleClose: afterwards }];
}

function heartbeat(
  beat: { readonly text: string; readonly everyMs: number },
  isChunked: boolean,
  dialect: WireFormat,
): WireStep {
  const bytes = dialect === "bedrock" ? bedrockFrame(beat.text) : new TextEncoder().encode(beat.text);
  return {
    type: "repeat",
    bytes: isChunked ? chunk(bytes, bytes.length.toString(16)) : bytes,
    everyMs: beat.everyMs,
  };
}

/** A clean end with less body than its length says can only be told by closing. */
function closes({ afterwards, stop }: HttpBehaviour, framing: Framing, request: RecordedRequest): boolean {
  if (afterwards === "close" || framing === "close" || typeof framing === "object") return true;
  return request.headers["connection"] === "close" || (stop?.by === "end" && framing === "length");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
