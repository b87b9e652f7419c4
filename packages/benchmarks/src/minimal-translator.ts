// The least that a translating Node proxy can do: JSON.parse and templates, no checks, one provider. It serves streams with text or one tool call.
// Usage: minimal-translator.js PORT UPSTREAM_MODEL KEY ORIGIN
import { type ServerResponse, createServer } from "node:http";
import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import { Pool } from "undici";

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly tool_use_id?: string;
  readonly content?: string | readonly Block[];
}
interface Request {
  readonly model: string;
  readonly system?: readonly Block[];
  readonly messages: readonly { readonly role: string; readonly content: string | readonly Block[] }[];
  readonly tools?: readonly { readonly name: string; readonly description: string; readonly input_schema: unknown }[];
  readonly max_tokens: number;
}
interface Chunk {
  readonly choices: readonly {
    readonly delta: {
      readonly content?: string | null;
      readonly tool_calls?: readonly {
        readonly id?: string;
        readonly function: { readonly name?: string; readonly arguments: string };
      }[];
    };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: { readonly completion_tokens: number };
}

const [port, model = "", key = "", origin = ""] = process.argv.slice(2);
const pool = new Pool(origin, { connections: null });

createServer({ noDelay: true }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => forward(JSON.parse(Buffer.concat(chunks).toString()) as Request, response));
}).listen(Number(port), "127.0.0.1");

function forward(request: Request, response: ServerResponse): void {
  const decoder = new StringDecoder("utf8");
  const translator = new Translator(request.model);
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  pool.dispatch(
    { path: "/v1/chat/completions", method: "POST", headers, body: JSON.stringify(chatRequest(request)) },
    {
      onRequestStart: (controller) => response.on("drain", () => controller.resume()),
      onResponseStart: (_controller, status) => response.writeHead(status, { "content-type": "text/event-stream" }),
      onResponseData: (controller, chunk) => {
        const out = translator.push(decoder.write(chunk));
        if (out !== "" && !response.write(out)) controller.pause();
      },
      onResponseEnd: () => response.end(translator.end()),
      onResponseError: () => response.destroy(),
    },
  );
}

function chatRequest(request: Request): object {
  const system = { role: "system", content: (request.system ?? []).map((block) => block.text).join("\n\n") };
  const tools = request.tools?.map(({ name, description, input_schema: parameters }) => ({
    type: "function",
    function: { name, description, parameters },
  }));
  const messages = request.messages.flatMap(({ role, content }): object[] => {
    if (typeof content === "string") return [{ role, content }];
    const text = content.map((block) => block.text ?? "").join("");
    const calls = content
      .filter((block) => block.type === "tool_use")
      .map(({ id, name, input }) => ({
        id,
        type: "function",
        function: { name, arguments: JSON.stringify(input) },
      }));
    const results = content
      .filter((block) => block.type === "tool_result")
      .map((block) => ({
        role: "tool",
        tool_call_id: block.tool_use_id,
        content:
          typeof block.content === "string"
            ? block.content
            : (block.content ?? []).map((each) => each.text ?? "").join(""),
      }));
    const message = calls.length > 0 ? { role, content: text, tool_calls: calls } : { role, content: text };
    return text === "" && calls.length === 0 ? results : [...results, message];
  });
  return {
    model,
    messages: [system, ...messages],
    tools,
    max_tokens: request.max_tokens,
    stream: true,
    stream_options: { include_usage: true },
  };
}

/** Text in, text out: Chat Completions events become Anthropic events. */
class Translator {
  private out = "";
  private open = "";
  private index = -1;
  private stop = "end_turn";
  private tokens = 0;
  private readonly parser = createParser({
    onEvent: ({ data }) => data !== "[DONE]" && this.take(JSON.parse(data) as Chunk),
  });

  constructor(model: string) {
    this.out = `event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":${JSON.stringify(model)},"content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}\n\n`;
  }

  push(text: string): string {
    this.parser.feed(text);
    const out = this.out;
    this.out = "";
    return out;
  }

  end(): string {
    this.close();
    return `${this.out}event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"${this.stop}","stop_sequence":null},"usage":{"output_tokens":${this.tokens}}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n`;
  }

  private take(chunk: Chunk): void {
    if (chunk.usage) this.tokens = chunk.usage.completion_tokens;
    const choice = chunk.choices[0];
    if (choice === undefined) return;
    if (choice.delta.content) {
      if (this.open !== "text") this.start("text", '{"type":"text","text":""}');
      this.delta(`{"type":"text_delta","text":${JSON.stringify(choice.delta.content)}}`);
    }
    for (const call of choice.delta.tool_calls ?? []) {
      if (call.id)
        this.start("tool", `{"type":"tool_use","id":"${call.id}","name":"${call.function.name}","input":{}}`);
      if (call.function.arguments)
        this.delta(`{"type":"input_json_delta","partial_json":${JSON.stringify(call.function.arguments)}}`);
    }
    if (choice.finish_reason === "tool_calls") this.stop = "tool_use";
  }

  private start(kind: string, block: string): void {
    this.close();
    this.open = kind;
    this.index += 1;
    this.out += `event: content_block_start\ndata: {"type":"content_block_start","index":${this.index},"content_block":${block}}\n\n`;
  }

  private delta(delta: string): void {
    this.out += `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.index},"delta":${delta}}\n\n`;
  }

  private close(): void {
    if (this.open !== "")
      this.out += `event: content_block_stop\ndata: {"type":"content_block_stop","index":${this.index}}\n\n`;
    this.open = "";
  }
}
