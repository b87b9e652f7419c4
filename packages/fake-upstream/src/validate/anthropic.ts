import { firstOf, isObject, type Json, objects, text } from "./json.ts";

/** Rules by which an API of Anthropic's form refuses requests. */
export interface AnthropicRules {
  /** Top-level members that it takes. */
  readonly members: ReadonlySet<string>;
  readonly takesSystemTurns: boolean;
  /** `anthropic-beta` values that it takes; undefined: any. */
  readonly betas?: ReadonlySet<string>;
  /** Decides whether this API made the signature for this thinking (or, without a text, this redacted data); undefined: signatures are not checked. */
  readonly isOwn?: (proof: string, thinking: string | undefined) => boolean;
  /** DeepSeek: each turn with tool calls holds thinking, unless thinking is disabled. */
  readonly wantsThinkingInToolTurns?: boolean;
  readonly userId?: RegExp;
  /** An effort beside disabled thinking is refused. */
  readonly refusesIdleEffort?: boolean;
}

/** Top-level members that Anthropic's own API takes as of version 2026-10-21 and Claude Code 2.1.330. */
export const anthropicMembers: ReadonlySet<string> = new Set(
  (
    "model messages max_tokens system stream temperature top_p top_k stop_sequences tools tool_choice thinking metadata output_config " +
    "context_management safeguards container mcp_servers service_tier speed diagnostics cache_control thread inference_geo"
  ).split(" "),
);

/** Returns the message of the 400 with which the API refuses the request; undefined where it takes it. The wordings are those of the real APIs. */
export function refuseAnthropic(
  body: unknown,
  headers: Readonly<Record<string, string>>,
  rules: AnthropicRules,
): string | undefined {
  if (!isObject(body)) return "the body is no object";
  return firstOf(complaints(body, headers, rules));
}

function* complaints(
  body: Json,
  headers: Readonly<Record<string, string>>,
  rules: AnthropicRules,
): Generator<string | undefined> {
  for (const name of Object.keys(body)) if (!rules.members.has(name)) yield `${name}: Extra inputs are not permitted`;
  for (const beta of (headers["anthropic-beta"] ?? "").split(",").filter(Boolean))
    if (rules.betas?.has(beta.trim()) === false) yield "invalid beta flag";
  if ((headers["anthropic-version"] ?? "") >= "2026-10-21")
    for (const name of ["temperature", "top_p", "top_k"])
      if (name in body) yield `${name}: not supported in this version`;
  const userId = isObject(body["metadata"]) ? text(body["metadata"]["user_id"]) : "";
  if (userId !== "" && rules.userId?.test(userId) === false) yield "metadata.user_id: invalid";
  const thinking = isObject(body["thinking"]) ? text(body["thinking"]["type"]) : "";
  if (
    rules.refusesIdleEffort === true &&
    thinking === "disabled" &&
    isObject(body["output_config"]) &&
    "effort" in body["output_config"]
  )
    yield "thinking options type cannot be disabled when reasoning_effort is set";
  const edits = isObject(body["context_management"]) ? objects(body["context_management"]["edits"]) : [];
  if (
    thinking !== "enabled" &&
    thinking !== "adaptive" &&
    edits.some(({ type }) => text(type).startsWith("clear_thinking"))
  )
    yield "`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive";
  const messages = objects(body["messages"]);
  if (messages.length === 0) yield "messages: at least one message is required";
  yield* messageComplaints(messages, body, rules);
  yield* toolComplaints(messages, body);
  yield* thinkingComplaints(messages, thinking, rules);
  const marks = JSON.stringify(body).split('"cache_control":').length - 1;
  if (marks > 4) yield `A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`;
}

function* messageComplaints(messages: readonly Json[], body: Json, rules: AnthropicRules): Generator<string> {
  const offered = new Set(objects(body["tools"]).map(({ name }) => name));
  for (const [index, { role, content }] of messages.entries()) {
    const path = `messages.${index}`;
    if (role === "system" && !rules.takesSystemTurns) yield `${path}.role: Input should be 'user' or 'assistant'`;
    if (role === "system" && index === 0) yield "messages.0: use the top-level 'system' parameter";
    if (role !== "user" && role !== "assistant" && role !== "system") yield `${path}.role: invalid`;
    const isLast = index === messages.length - 1;
    if (role !== "system" && !isLast && (content === "" || (Array.isArray(content) && content.length === 0)))
      yield `${path}: all messages must have non-empty content except for the optional final assistant message`;
    for (const [at, block] of objects(content).entries()) {
      if (block["type"] === "text" && text(block["text"]).trim() === "")
        yield `${path}.content.${at}: text content blocks must contain non-whitespace text`;
      if (text(block["id"]).startsWith("srvtoolu_ccpb")) yield `${path}.content.${at}: unknown server tool use`;
      for (const reference of objects(block["content"]))
        if (reference["type"] === "tool_reference" && !offered.has(reference["tool_name"]))
          yield `Tool reference '${text(reference["tool_name"])}' not found in available tools`;
    }
  }
}

/** The turns as the API sees them: messages of one role side by side are one. */
function turnsOf(messages: readonly Json[]): readonly { readonly role: unknown; readonly blocks: readonly Json[] }[] {
  const turns: { role: unknown; blocks: Json[] }[] = [];
  for (const { role, content } of messages) {
    if (role === "system") continue;
    const blocks = typeof content === "string" ? [{ type: "text", text: content }] : objects(content);
    const last = turns.at(-1);
    if (last?.role === role) last?.blocks.push(...blocks);
    else turns.push({ role, blocks: [...blocks] });
  }
  return turns;
}

function* toolComplaints(messages: readonly Json[], body: Json): Generator<string> {
  const turns = turnsOf(messages);
  const seen = new Set<unknown>();
  for (const [index, { role, blocks }] of turns.entries()) {
    if (role !== "assistant") {
      const before = turns[index - 1]?.blocks.filter(({ type }) => type === "tool_use").map(({ id }) => id) ?? [];
      const results = blocks.filter(({ type }) => type === "tool_result").map((block) => block["tool_use_id"]);
      for (const id of results)
        if (!before.includes(id)) yield `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(id)}`;
      for (const id of before) {
        if (!results.includes(id))
          yield `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${String(id)}`;
      }
      const firstOther = blocks.findIndex(({ type }) => type !== "tool_result");
      if (firstOther !== -1 && blocks.slice(firstOther).some(({ type }) => type === "tool_result"))
        yield "tool_result blocks must come first in the content of a message";
      continue;
    }
    for (const { type, id, name } of blocks) {
      if (type !== "tool_use") continue;
      if (!/^[a-zA-Z0-9_-]+$/.test(text(id))) yield `tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`;
      if (!/^[a-zA-Z0-9_-]{1,200}$/.test(text(name))) yield "tool_use.name: String should match pattern";
      if (seen.has(id)) yield "`tool_use` ids must be unique";
      seen.add(id);
    }
    if (blocks.some(({ type }) => type === "tool_use") && index === turns.length - 1)
      yield "`tool_use` ids were found without `tool_result` blocks immediately after";
  }
  if (seen.size > 0 && objects(body["tools"]).length === 0)
    yield "tools: required where the conversation has used some";
}

function* thinkingComplaints(messages: readonly Json[], thinking: string, rules: AnthropicRules): Generator<string> {
  for (const [index, { role, content }] of messages.entries()) {
    const blocks = objects(content);
    for (const [at, block] of blocks.entries()) {
      const isRedacted = block["type"] === "redacted_thinking";
      if (block["type"] !== "thinking" && !isRedacted) continue;
      if (role !== "assistant")
        yield `messages.${index}.content.${at}: \`thinking\` blocks are only permitted in assistant messages`;
      const proof = text(isRedacted ? block["data"] : block["signature"]);
      if (rules.isOwn?.(proof, isRedacted ? undefined : text(block["thinking"])) === false)
        yield `messages.${index}.content.${at}: Invalid \`${isRedacted ? "data" : "signature"}\` in \`${String(block["type"])}\` block`;
    }
    if (
      rules.wantsThinkingInToolTurns === true &&
      thinking !== "disabled" &&
      blocks.some(({ type }) => type === "tool_use") &&
      !blocks.some(isThought)
    )
      yield "The `content[].thinking` in the thinking mode must be passed back to the API.";
  }
  if (thinking !== "enabled" || rules.wantsThinkingInToolTurns === true) return;
  const start = messages.findLastIndex(
    ({ role, content }) => role === "user" && !objects(content).some(({ type }) => type === "tool_result"),
  );
  const turn = messages.slice(start + 1).filter(({ role }) => role === "assistant");
  const [first] = objects(turn[0]?.["content"]);
  if (
    first &&
    !isThought(first) &&
    turn.some(({ content }) => objects(content).some(({ type }) => type === "tool_use"))
  )
    yield `messages.${start + 1}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${String(first["type"])}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block`;
}

function isThought({ type }: Json): boolean {
  return type === "thinking" || type === "redacted_thinking";
}
