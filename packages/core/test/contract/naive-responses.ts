/** What a recorded Responses stream or answer says, read in the most naive way: the judge of the translator shares no line with it. */
export interface NaiveResponse {
  /** In the order of `output_index`: `["thinking", text]`, `["text", text]`, `["tool", name, arguments]`. */
  readonly content: readonly (readonly string[])[];
  readonly stop: string | undefined;
  readonly usage: Readonly<Record<string, number>>;
  readonly error: string | undefined;
}

interface NaivePart {
  readonly type: string;
  readonly text?: string;
  readonly refusal?: string;
}

interface NaiveItem {
  readonly type: string;
  readonly name?: string;
  readonly arguments?: string;
  readonly content?: readonly NaivePart[];
  readonly summary?: readonly NaivePart[];
}

export interface NaiveResponseBody {
  readonly status: string;
  readonly output: readonly NaiveItem[];
  readonly incomplete_details?: { readonly reason: string } | null;
  readonly error?: { readonly message: string } | null;
  readonly usage?: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly input_tokens_details?: { readonly cached_tokens?: number; readonly cache_write_tokens?: number };
  } | null;
}

interface NaiveEvent {
  readonly type: string;
  readonly output_index?: number;
  readonly item?: NaiveItem;
  readonly response?: NaiveResponseBody;
  readonly error?: { readonly message: string };
  readonly message?: string;
}

/** Undefined where a line of the recording is no JSON: there is nothing to compare with. */
export function readNaiveResponseStream(text: string): NaiveResponse | undefined {
  const items: NaiveItem[] = [];
  for (const line of text.split("\n")) {
    if (!line.startsWith("data:") || line.includes("data: [DONE]")) continue;
    let event: NaiveEvent;
    try {
      event = JSON.parse(line.slice(5)) as NaiveEvent;
    } catch {
      return undefined;
    }
    if (event.type === "response.output_item.done" && event.item)
      items[event.output_index ?? items.length] = event.item;
    if (event.type === "error") return failed(event.error?.message ?? event.message ?? "");
    if (/^response\.(?:completed|incomplete|failed)$/.test(event.type) && event.response) {
      return readNaiveResponse({ ...event.response, output: items });
    }
  }
  return undefined;
}

/** The pieces of a stream put together by type, whatever their items say at the end. */
export function readNaiveDeltas(text: string): Readonly<Record<string, string>> {
  const said: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const match = /^data: ?(\{.*"type": ?"response\.(?:completed|incomplete)".*\})/.exec(line);
    if (match) break;
    if (!line.startsWith("data: {")) continue;
    const event = JSON.parse(line.slice(5)) as { readonly type: string; readonly delta?: string };
    if (event.delta !== undefined) said[event.type] = (said[event.type] ?? "") + event.delta;
  }
  return said;
}

export function readNaiveResponse(body: NaiveResponseBody): NaiveResponse {
  if (body.status === "failed") return failed(body.error?.message ?? "");
  const content = body.output.flatMap((item) => contentOf(item)).filter((part) => part[0] === "tool" || part[1] !== "");
  const { usage } = body;
  const read = usage?.input_tokens_details?.cached_tokens ?? 0;
  const write = usage?.input_tokens_details?.cache_write_tokens ?? 0;
  return {
    content,
    stop: stopOf(body, content),
    usage: {
      input_tokens: (usage?.input_tokens ?? 0) - read - write,
      output_tokens: usage?.output_tokens ?? 0,
      cache_read_input_tokens: read,
      cache_creation_input_tokens: write,
    },
    error: undefined,
  };
}

function contentOf(item: NaiveItem): readonly (readonly string[])[] {
  switch (item.type) {
    case "message":
      return (item.content ?? []).map((part) => ["text", part.text ?? part.refusal ?? ""]);
    case "reasoning":
      return [["thinking", [...(item.summary ?? []), ...(item.content ?? [])].map((part) => part.text).join("\n\n")]];
    case "function_call":
      return [["tool", item.name ?? "", item.arguments ?? ""]];
    default:
      return [];
  }
}

function stopOf(body: NaiveResponseBody, content: NaiveResponse["content"]): string {
  const reason = body.incomplete_details?.reason;
  if (reason === "max_output_tokens") return "max_tokens";
  if (reason === "content_filter") return "refusal";
  return content.some(([kind]) => kind === "tool") ? "tool_use" : "end_turn";
}

function failed(error: string): NaiveResponse {
  return { content: [], stop: undefined, usage: {}, error };
}
