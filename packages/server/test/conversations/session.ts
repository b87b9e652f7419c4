import Anthropic from "@anthropic-ai/sdk";
import {
  Balancer,
  type BalancerConfig,
  createFetch,
  type ModelRoute,
  type Transport,
  type UpstreamRequest,
} from "@ccpb/core";
import type { AnswerBlock } from "@ccpb/fake-upstream";
import { type MakeVendor, type Vendor, vendors } from "./vendors.ts";

/** A 400 that an upstream answered, and why. */
export interface Refusal {
  readonly vendor: string;
  readonly turn: number;
  readonly message: string;
}

export interface SessionOptions {
  /** How the client asks for thinking. */
  readonly thinking: "adaptive" | "enabled";
  /** Whether the client is Claude Code, with its version and betas, or the SDK with its own. */
  readonly isClaudeCode?: boolean;
  /** Upstreams that answer 529 in that turn, after they have looked at the request. */
  readonly isDown?: (vendor: string, turn: number) => boolean;
  /** Turns before which the balancer is replaced by a new one, which knows nothing. */
  readonly restartsBefore?: readonly number[];
  /** The upstreams; default: `vendors`. */
  readonly kinds?: Readonly<Record<string, MakeVendor>>;
}

const mcpTool = "mcp__a_server_with_a_rather_long_name__and_a_tool_with_a_name_that_is_even_longer_than_that";
const thought = (thinking: string): AnswerBlock => ({ type: "thinking", thinking });
const said = (text: string): AnswerBlock => ({ type: "text", text });
const call = (name: string, input: unknown): AnswerBlock => ({ type: "tool", name, input });

/** What the model says in each turn, whoever it is. */
export const script: readonly (readonly AnswerBlock[])[] = [
  [
    thought("Two things at once."),
    said("Let me look."),
    call("Read", { path: "a.png" }),
    call("Bash", { command: "ls" }),
  ],
  [thought("I need another tool."), call("ToolSearch", { query: "select:lookup" })],
  [
    { type: "redacted_thinking", data: "" },
    thought("There it is."),
    call(mcpTool, { key: 1.5 }),
    call("Read", { path: "b" }),
  ],
  [call("Bash", {})],
  [thought("Done."), said("Both say 42.")],
  [thought("Once more."), said("Sure."), call("Read", { path: "c" })],
  [said("It says 43.")],
  [thought("The end."), said("Goodbye.")],
];

const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } };

type Message = Record<string, unknown>;

/** What the client says before each turn, given the ids of the calls that the model made last. */
function clientTurn(turn: number, ids: readonly string[]): readonly Message[] {
  const result = (at: number, content: unknown, more: object = {}) => ({
    type: "tool_result",
    tool_use_id: ids[at],
    content,
    ...more,
  });
  const system = {
    role: "system",
    content: [{ type: "text", text: `environment of turn ${turn}` }],
    output_config: { effort: "low" },
  };
  switch (turn) {
    case 0:
      return [{ role: "user", content: [{ type: "text", text: "What is in the picture?" }, image] }, system];
    case 1: {
      // Claude Code answers in the order in which tools finish.
      const failed = result(1, "ls: no such file", { is_error: true });
      return [{ role: "user", content: [failed, result(0, [{ type: "text", text: "png" }, image])] }];
    }
    case 2: {
      const found = result(0, [{ type: "tool_reference", tool_name: mcpTool }]);
      return [{ role: "user", content: [found, { type: "text", text: "Tool loaded." }] }];
    }
    case 3:
      return [{ role: "user", content: [result(0, "42"), result(1, "42")] }];
    case 4:
      return [{ role: "user", content: [result(0, [])] }];
    case 5:
      return [{ role: "user", content: "And the other one?" }, system];
    case 6:
      return [{ role: "user", content: [result(0, "43")] }];
    default:
      return [{ role: "user", content: "Thank you." }];
  }
}

const tool = (name: string, properties: object) => ({
  name,
  description: `does ${name}`,
  input_schema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties,
    additionalProperties: false,
  },
});

function requestBody(turn: number, messages: readonly Message[], thinking: SessionOptions["thinking"]): Message {
  return {
    max_tokens: 32_000,
    system: [
      { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.330.abc; cch=12345" },
      { type: "text", text: "You are a careful model.", cache_control: { type: "ephemeral" } },
    ],
    messages,
    tools: [
      tool("Read", { path: { type: "string" } }),
      tool("Bash", { command: { type: "string", maxLength: 100 } }),
      tool("ToolSearch", { query: { type: "string" } }),
      ...(turn < 2
        ? []
        : [{ ...tool(mcpTool, { key: { type: "number", exclusiveMinimum: 0 } }), defer_loading: true }]),
    ],
    metadata: { user_id: JSON.stringify({ device_id: "d".repeat(64), account_uuid: "", session_id: "8833a184-8648" }) },
    thinking:
      thinking === "enabled" ? { type: "enabled", budget_tokens: 2000 } : { type: "adaptive", display: "updates" },
    context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
    output_config: { effort: "medium" },
    safeguards: [{ type: "dangerous_tool_use", classifier_context: {} }],
  };
}

/** Upstreams of every kind behind one transport, in one process. */
export class World {
  readonly refusals: Refusal[] = [];
  /** Who was asked, by turn. */
  readonly asked: string[][] = [];
  /** The last request of each, as text. */
  readonly last = new Map<string, string>();
  readonly #vendors: ReadonlyMap<string, Vendor>;
  readonly #isDown: NonNullable<SessionOptions["isDown"]>;
  #turn = 0;
  #count = 0;

  constructor({ isDown = () => false, kinds = vendors }: Pick<SessionOptions, "isDown" | "kinds"> = {}) {
    this.#vendors = new Map(Object.entries(kinds).map(([name, make]) => [name, make()]));
    this.#isDown = isDown;
  }

  begin(turn: number): void {
    this.#turn = turn;
    this.asked.push([]);
  }

  config(routes: readonly ModelRoute[]): BalancerConfig {
    return { providers: [...this.#vendors.values()].map(({ provider }) => provider), routes };
  }

  readonly transport: Transport = (request) => {
    const [name, vendor] = this.#vendorOf(request);
    const body: unknown = JSON.parse(Buffer.concat(request.body).toString("utf8"));
    this.asked.at(-1)?.push(name);
    this.last.set(name, JSON.stringify(body));
    const message = vendor.refuse(body, request.headers);
    if (message !== undefined) {
      this.refusals.push({ vendor: name, turn: this.#turn, message });
      const error = { type: "error", error: { type: "invalid_request_error", message } };
      return Promise.resolve({
        status: 400,
        headers: { "content-type": "application/json" },
        body: pieces(JSON.stringify(error)),
      });
    }
    if (this.#isDown(name, this.#turn)) return Promise.resolve({ status: 529, headers: {}, body: pieces("{}") });
    this.#count += 1;
    const context = { id: `${name.slice(0, 2)}x${this.#count}y`, model: "m", byteLength: 100, includeUsage: true };
    const stream = vendor.say(script[this.#turn] ?? [], context);
    return Promise.resolve({ status: 200, headers: { "content-type": "text/event-stream" }, body: pieces(stream) });
  };

  /** By the key: two providers may share a host. */
  #vendorOf({ headers }: UpstreamRequest): readonly [string, Vendor] {
    const key = headers["x-api-key"] ?? headers["authorization"]?.replace("Bearer ", "");
    const found = [...this.#vendors].find(
      ([, { provider }]) => "keys" in provider.auth && provider.auth.keys[0] === key,
    );
    if (!found) throw new Error("a request without a known key");
    return found;
  }
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 997) yield new Uint8Array(bytes.subarray(at, at + 997));
}

/**
 * Walks one conversation across upstreams: `chains[turn]` names who may serve it, in order. The official SDK is the client, and keeps every answer
 * in the history as it came. Rejects where the client was given an error.
 */
export async function walk(chains: readonly (readonly string[])[], options: SessionOptions): Promise<World> {
  const world = new World(options);
  const routes: readonly ModelRoute[] = chains.map((chain, turn) => ({
    pattern: modelOf(turn),
    candidates: chain.map((provider, priority) => ({ provider, priority, model: modelAt(world, provider) })),
  }));
  let balancer = new Balancer(world.config(routes));
  const messages: Message[] = [];
  let ids: readonly string[] = [];
  for (const turn of chains.keys()) {
    if (options.restartsBefore?.includes(turn) === true) balancer = new Balancer(world.config(routes));
    balancer.reset();
    world.begin(turn);
    messages.push(...clientTurn(turn, ids));
    const client = new Anthropic({
      apiKey: "unused",
      maxRetries: 0,
      fetch: createFetch(balancer, world.transport),
      ...(options.isClaudeCode === true && {
        defaultHeaders: {
          "anthropic-version": "2023-06-01",
          "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27",
        },
      }),
    });
    const body = { ...requestBody(turn, messages, options.thinking), model: modelOf(turn) };
    // More than the SDK's types know: Claude Code sends it.
    const message = await client.messages.stream(body as unknown as Anthropic.MessageStreamParams).finalMessage();
    messages.push({ role: "assistant", content: structuredClone(message.content) });
    ids = message.content.flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
  }
  return world;
}

function modelOf(turn: number): string {
  return `claude-opus-5-5-turn-${turn}`;
}

function modelAt(world: World, name: string): string {
  return world.config([]).providers.find((provider) => provider.name === name)?.bigModel ?? "";
}
