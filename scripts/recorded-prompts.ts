import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MessagesRequest } from "../packages/core/src/protocol/anthropic.ts";

/** A recorded request as a Messages request, and what its provider counted. */
export interface RecordedPrompt {
  readonly id: string;
  readonly vendor: string;
  readonly model: string;
  readonly request: MessagesRequest;
  /** The prompt's tokens with those of caches. */
  readonly realTokens: number;
}

interface Row {
  readonly id: string;
  readonly req: string | null;
  readonly res: string | null;
  readonly dialect: string;
  readonly vendor: string;
  readonly model: string | null;
  readonly status: number | null;
}

type Json = Readonly<Record<string, unknown>>;

/** Every recording under `folder` (with its INDEX.json) that holds a request and the usage of its answer; none where the folder is not there. */
export function recordedPrompts(folder: string): readonly RecordedPrompt[] {
  const index = join(folder, "INDEX.json");
  if (!existsSync(index)) return [];
  const rows = JSON.parse(readFileSync(index, "utf8")) as readonly Row[];
  return rows.flatMap((row) => {
    if (row.req === null || row.res === null || row.status !== 200) return [];
    const body = parse(readFileSync(join(folder, row.req), "utf8"));
    const answer = readFileSync(join(folder, row.res), "utf8");
    const realTokens = promptTokens(row.dialect, answer);
    const request = isObject(body) ? toMessages(row.dialect, body) : undefined;
    if (request === undefined || realTokens === undefined) return [];
    const model = (row.model || undefined) ?? /"model":\s*"([^"]+)"/.exec(answer)?.[1] ?? "unknown";
    return [{ id: row.id, vendor: row.vendor, model, request: { ...request, model }, realTokens }];
  });
}

function promptTokens(dialect: string, answer: string): number | undefined {
  const first = (member: string): number => Number(new RegExp(`"${member}":\\s*(\\d+)`).exec(answer)?.[1] ?? 0);
  const last = (member: string): number =>
    Number([...answer.matchAll(new RegExp(`"${member}":\\s*(\\d+)`, "g"))].at(-1)?.[1] ?? 0);
  const tokens =
    dialect === "anthropic-messages"
      ? first("input_tokens") + first("cache_read_input_tokens") + first("cache_creation_input_tokens")
      : last(dialect === "openai-chat" ? "prompt_tokens" : "input_tokens");
  return tokens > 0 ? tokens : undefined;
}

function toMessages(dialect: string, body: Json): MessagesRequest | undefined {
  if (dialect === "anthropic-messages" && Array.isArray(body["messages"])) return body as unknown as MessagesRequest;
  if (dialect === "openai-chat" && Array.isArray(body["messages"])) return fromChat(body, body["messages"]);
  return dialect === "openai-responses" ? fromResponses(body) : undefined;
}

function fromChat(body: Json, messages: readonly unknown[]): MessagesRequest {
  const turns = messages.filter(isObject).map((message) => {
    if (message["role"] === "tool") return user({ type: "tool_result", content: message["content"] });
    const calls = list(message["tool_calls"]).map((call) =>
      toolUse(isObject(call["function"]) ? call["function"] : {}),
    );
    const role = message["role"] === "assistant" ? "assistant" : "user";
    return { role, content: [...parts(message["content"]), ...calls] };
  });
  const tools = list(body["tools"]).map((tool) => (isObject(tool["function"]) ? tool["function"] : tool));
  const format = isObject(body["response_format"]) ? body["response_format"]["json_schema"] : undefined;
  return request(turns, { tools, format });
}

function fromResponses(body: Json): MessagesRequest {
  const { input, instructions } = body;
  const items = typeof input === "string" ? [{ role: "user", content: input }] : list(input);
  const turns = items.map((item) => {
    if (item["type"] === "function_call") return { role: "assistant", content: [toolUse(item)] };
    if (item["type"] === "function_call_output") return user({ type: "tool_result", content: item["output"] });
    if (item["type"] === "reasoning") return { role: "assistant", content: parts(item["summary"]) };
    return { role: item["role"] === "assistant" ? "assistant" : "user", content: parts(item["content"]) };
  });
  if (typeof instructions === "string") turns.unshift({ role: "user", content: parts(instructions) });
  const format = isObject(body["text"]) ? body["text"]["format"] : undefined;
  return request(turns, { tools: list(body["tools"]), format });
}

function request(messages: readonly unknown[], more: { tools: readonly Json[]; format: unknown }): MessagesRequest {
  const tools = more.tools.map((tool) => ({
    name: tool["name"],
    description: tool["description"],
    input_schema: tool["parameters"],
    // What a vendor runs itself comes with turns of its own.
    ...(tool["name"] === undefined && { type: "web_search_" }),
  }));
  const format = isObject(more.format) && more.format["schema"] !== undefined ? { format: more.format } : undefined;
  const built = { messages, ...(tools.length > 0 && { tools }), ...(format && { output_config: format }) };
  return built as unknown as MessagesRequest;
}

function parts(content: unknown): readonly unknown[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return list(content).map((part) => {
    const url = isObject(part["image_url"]) ? part["image_url"]["url"] : part["image_url"];
    if (url !== undefined) return { type: "image", source: { type: "url", url } };
    return { type: "text", text: part["text"] ?? part["refusal"] ?? "" };
  });
}

function toolUse({ name, arguments: text }: Json): unknown {
  return { type: "tool_use", name, input: typeof text === "string" ? (parse(text) ?? text) : text };
}

function user(block: unknown): { role: string; content: readonly unknown[] } {
  return { role: "user", content: [block] };
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a few recordings hold what is no JSON
  }
}
