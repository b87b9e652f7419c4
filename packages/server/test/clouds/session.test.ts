import type { ProviderConfig } from "@ccpb/core";
import { answer, type AnswerBlock, type FakeUpstream, refuse, startFakeUpstream } from "@ccpb/fake-upstream";
import { expect, it } from "vitest";
import { askServer, eventsOf } from "../faults/fault-bench.ts";
import { provider, startTestServer } from "../running-server.ts";

// A conversation as Claude Code has it: each turn thinks, calls a tool, and is given its result; the provider changes between the turns of one task.

const model = "claude-opus-4-5";

/** As long as a real one, and told apart by who made it. */
function signature(maker: string, turn: number): string {
  return `ErUB${Buffer.from(`${maker} signed the thinking of turn ${turn} `.repeat(6)).toString("base64")}`;
}

/** Thinks and calls a tool, turn after turn, and takes no thinking but Claude's. */
function agent(maker: string): Parameters<FakeUpstream["setDefault"]>[0] {
  return ({ body }) => {
    const { messages } = body as { messages: { role: string; content: unknown }[] };
    const turn = messages.filter(({ role }) => role === "assistant").length + 1;
    return answer([
      { type: "thinking", thinking: `${maker} thinks of step ${turn}.`, signature: signature(maker, turn) },
      { type: "text", text: `Step ${turn} by ${maker}.` },
      { type: "tool", id: `toolu_0${turn}`, name: "look", input: { step: turn } },
    ]);
  };
}

/** The message that a client puts together from a stream. */
function assemble(body: string): { role: "assistant"; content: Record<string, unknown>[] } {
  const content: Record<string, unknown>[] = [];
  for (const { data } of eventsOf(body)) {
    const block = content[data.index as number] ?? {};
    if (data.type === "content_block_start") content[data.index] = { ...data.content_block, partial: "" };
    if (data.type !== "content_block_delta") continue;
    const { delta } = data;
    if (delta.type === "thinking_delta") block["thinking"] = `${String(block["thinking"])}${delta.thinking}`;
    if (delta.type === "signature_delta") block["signature"] = delta.signature;
    if (delta.type === "text_delta") block["text"] = `${String(block["text"])}${delta.text}`;
    if (delta.type === "input_json_delta") block["partial"] = `${String(block["partial"])}${delta.partial_json}`;
  }
  return {
    role: "assistant",
    content: content.map(({ partial, ...block }) =>
      block["type"] === "tool_use" ? { ...block, input: JSON.parse(String(partial)) } : block,
    ),
  };
}

function lastBody({ requests }: FakeUpstream): unknown {
  return requests.at(-1)?.body;
}

it("a session moves from Anthropic to Bedrock, to Vertex AI and back amid thinking and tools, and no block is lost", async () => {
  await using anthropic = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: agent("anthropic") });
  await using bedrock = await startFakeUpstream({ dialect: "bedrock", defaultBehaviour: agent("bedrock") });
  await using vertex = await startFakeUpstream({ dialect: "vertex", defaultBehaviour: agent("vertex") });
  const own = { signatureDomain: "api.anthropic.com" };
  const named = (name: string, url: string, change: Partial<ProviderConfig>): ProviderConfig => {
    const { bigModel: _big, smallModel: _small, ...rest } = provider(name, url, change);
    return rest;
  };
  const providers = [
    // What is Anthropic's own API by its host is told by its domain here.
    { ...provider("anthropic", anthropic.url, own) },
    { ...named("bedrock", bedrock.url, { type: "bedrock", region: "us-east-1" }), ...own },
    { ...named("vertex", vertex.url, { type: "vertex", region: "global", project: "p-1" }), ...own },
  ];
  await using server = await startTestServer({ providers });
  const down = refuse(529, { message: "Overloaded" });
  const turns: readonly { readonly up: readonly FakeUpstream[]; readonly by: "anthropic" | "bedrock" | "vertex" }[] = [
    { up: [anthropic, bedrock, vertex], by: "anthropic" },
    { up: [bedrock, vertex], by: "bedrock" },
    { up: [vertex], by: "vertex" },
    { up: [bedrock], by: "bedrock" },
    { up: [anthropic, bedrock, vertex], by: "anthropic" },
    { up: [vertex], by: "vertex" },
    { up: [anthropic], by: "anthropic" },
  ];
  const messages: unknown[] = [{ role: "user", content: "Go on for seven steps." }];
  const makers = new Map([
    [anthropic, "anthropic"],
    [bedrock, "bedrock"],
    [vertex, "vertex"],
  ]);
  for (const [index, { up, by }] of turns.entries()) {
    for (const [upstream, maker] of makers) upstream.setDefault(up.includes(upstream) ? agent(maker) : down);
    // Whoever was down may be asked again.
    server.balancer.reset();
    const thinking = { type: "enabled", budget_tokens: 2_000 };
    const tools = [{ name: "look", input_schema: { type: "object" } }];
    const reply = await askServer(server.url, { stream: true, model, messages, max_tokens: 4_000, thinking, tools });
    expect(reply, reply.body).toMatchObject({ status: 200, headers: { "x-ccpb-provider": by } });
    const message = assemble(reply.body);
    expect(message.content).toEqual([
      { type: "thinking", thinking: `${by} thinks of step ${index + 1}.`, signature: signature(by, index + 1) },
      { type: "text", text: `Step ${index + 1} by ${by}.` },
      { type: "tool_use", id: `toolu_0${index + 1}`, name: "look", input: { step: index + 1 } },
    ] satisfies (AnswerBlock | Record<string, unknown>)[]);
    // The upstream was sent the whole history as the client has it, with every block of thinking and its signature.
    const served = { anthropic, bedrock, vertex }[by];
    expect(lastBody(served)).toMatchObject({ messages });
    messages.push(message, {
      role: "user",
      content: [{ type: "tool_result", tool_use_id: `toolu_0${index + 1}`, content: `Seen ${index + 1}.` }],
    });
  }
  // No request was refused and repeated without its thinking.
  expect(new Set(server.lines("provider_request_failed").map(({ status }) => status))).toEqual(new Set([529]));
});

it("thinking of Anthropic's own hosts and of the clouds is not foreign to each other without any setting", async () => {
  await using bedrock = await startFakeUpstream({ dialect: "bedrock", defaultBehaviour: agent("bedrock") });
  await using vertex = await startFakeUpstream({ dialect: "vertex", defaultBehaviour: agent("vertex") });
  const {
    bigModel: _b,
    smallModel: _s,
    ...first
  } = provider("bedrock", bedrock.url, { type: "bedrock", region: "us-east-1" });
  const {
    bigModel: _b2,
    smallModel: _s2,
    ...second
  } = provider("vertex", vertex.url, { type: "vertex", region: "global", project: "p-1" });
  await using server = await startTestServer({ providers: [first, second] });
  const opening = [{ role: "user", content: "Go on." }];
  const reply = await askServer(server.url, { stream: true, model, messages: opening });
  bedrock.setDefault(refuse(529));
  const history = [
    ...opening,
    assemble(reply.body),
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_01", content: "Seen." }] },
  ];
  expect(await askServer(server.url, { stream: true, model, messages: history })).toMatchObject({ status: 200 });
  expect(lastBody(vertex)).toMatchObject({ messages: history });
});
