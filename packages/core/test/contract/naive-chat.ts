/** What a recorded stream or answer says, read in the most naive way: the judge of the translator shares no line with it. */
export interface NaiveAnswer {
  /** In order: `["thinking", text]`, `["text", text]`, `["tool", name, arguments]`; white space alone is no text. */
  readonly content: readonly (readonly string[])[];
  readonly finish: string | undefined;
  readonly usage:
    | { readonly input: number; readonly output: number; readonly read: number; readonly write: number }
    | undefined;
  readonly error: string | undefined;
  readonly isDone: boolean;
}

export interface NaiveCall {
  readonly index?: number;
  readonly id?: string;
  readonly function: { readonly name: string; readonly arguments?: string };
}

interface NaivePart {
  readonly type?: string;
  readonly text?: string;
  readonly thinking?: readonly { readonly text: string }[];
}

/** A message or a delta, as far as the recordings have it. */
export interface NaiveMessage {
  readonly content?: string | readonly NaivePart[] | null;
  readonly refusal?: string | null;
  readonly reasoning?: string | null;
  readonly reasoning_content?: string | null;
  readonly reasoning_details?: readonly { readonly text?: string; readonly summary?: string }[];
  readonly tool_calls?: readonly NaiveCall[] | null;
  readonly function_call?: NaiveCall["function"] | null;
  readonly audio?: { readonly transcript?: string } | null;
}

export interface NaiveUsage {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly total_tokens?: number;
  readonly cached_tokens?: number;
  readonly prompt_cache_hit_tokens?: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number; readonly cache_write_tokens?: number } | null;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number } | null;
}

export interface NaiveChoice {
  readonly index?: number;
  readonly delta?: NaiveMessage | null;
  readonly message?: NaiveMessage;
  readonly finish_reason?: string | null;
  readonly usage?: NaiveUsage;
}

/** A chunk or a whole answer. */
export interface NaiveBody {
  readonly choices?: readonly NaiveChoice[] | null;
  readonly usage?: NaiveUsage | null;
  readonly x_groq?: { readonly usage?: NaiveUsage };
  readonly error?: { readonly message: string };
}

export function readNaiveStream(text: string): NaiveAnswer {
  const parts: string[][] = [];
  const byIndex = new Map<string, string[]>();
  let finish: string | undefined;
  let usage: NaiveUsage | undefined;
  let error: string | undefined;
  let isDone = false;
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (!line.startsWith("data:")) continue;
    const data = line.slice(5).trim();
    if (data === "[DONE]") {
      isDone = true;
      continue;
    }
    const chunk = JSON.parse(data) as NaiveBody;
    const choice = chunk.choices?.find((one) => (one.index ?? 0) === 0);
    usage = chunk.usage ?? choice?.usage ?? chunk.x_groq?.usage ?? usage;
    if (chunk.error && finish === undefined) error = chunk.error.message;
    const delta = choice?.delta ?? {};
    add(parts, "thinking", reasoningOf(delta));
    addContent(parts, delta.content);
    add(parts, "text", delta.refusal ?? "");
    for (const call of delta.tool_calls ?? []) {
      const key = String(call.index ?? call.id);
      let tool = byIndex.get(key);
      if (tool === undefined) {
        tool = ["tool", call.function.name, ""];
        byIndex.set(key, tool);
        parts.push(tool);
      }
      tool[2] += call.function.arguments ?? "";
    }
    finish = choice?.finish_reason || finish;
  }
  return { content: parts.filter(isSomething), finish, usage: usage && usageOf(usage), error, isDone };
}

export function readNaiveAnswer(body: NaiveBody): NaiveAnswer {
  const parts: string[][] = [];
  const choice = body.choices?.[0] ?? {};
  const message = choice.message ?? {};
  add(parts, "thinking", reasoningOf(message));
  addContent(parts, message.content);
  add(parts, "text", message.refusal ?? "");
  if (!message.content) add(parts, "text", message.audio?.transcript ?? "");
  for (const call of message.tool_calls ?? []) parts.push(["tool", call.function.name, call.function.arguments ?? ""]);
  if (message.function_call?.name) {
    parts.push(["tool", message.function_call.name, message.function_call.arguments ?? ""]);
  }
  return {
    content: parts.filter(isSomething),
    finish: choice.finish_reason || undefined,
    usage: body.usage ? usageOf(body.usage) : undefined,
    error: undefined,
    isDone: true,
  };
}

export function usageOf(usage: NaiveUsage): NonNullable<NaiveAnswer["usage"]> {
  const prompt = usage.prompt_tokens ?? 0;
  const completion = usage.completion_tokens ?? 0;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  const read = usage.prompt_cache_hit_tokens ?? usage.prompt_tokens_details?.cached_tokens ?? usage.cached_tokens ?? 0;
  const write = usage.prompt_tokens_details?.cache_write_tokens ?? 0;
  const beyond = (usage.total_tokens ?? 0) - prompt - completion;
  const isOutside = reasoning > 0 ? beyond === reasoning : beyond > 0 && beyond !== read + write;
  return {
    input: read + write > prompt ? prompt : prompt - read - write,
    output: isOutside ? completion + beyond : completion,
    read,
    write,
  };
}

function reasoningOf(holder: NaiveMessage): string {
  const details = (holder.reasoning_details ?? []).map((detail) => detail.text ?? detail.summary ?? "");
  return holder.reasoning_content || holder.reasoning || details.join("");
}

function partOf(part: NaivePart): [string, string] {
  if (part.type === "thinking") return ["thinking", (part.thinking ?? []).map((one) => one.text).join("")];
  return ["text", part.text ?? ""];
}

function addContent(parts: string[][], content: NaiveMessage["content"]): void {
  if (typeof content === "string") add(parts, "text", content);
  else for (const part of content ?? []) add(parts, ...partOf(part));
}

function add(parts: string[][], kind: string, text: string): void {
  if (text === "") return;
  const last = parts.at(-1);
  if (last?.[0] === kind) last[1] += text;
  else parts.push([kind, text]);
}

function isSomething(part: readonly string[]): boolean {
  return part[0] !== "text" || part[1]?.trim() !== "";
}
