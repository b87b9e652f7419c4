import { firstOf, isObject, type Json, objects, text } from "./json.ts";

/** Rules by which a Chat Completions API refuses requests. */
export interface ChatRules {
  readonly members: ReadonlySet<string>;
  /** Longest tool id, characters. */
  readonly toolIdLimit: number;
  readonly toolId?: RegExp;
  readonly takesImages: boolean;
  /** OpenRouter, Ollama: messages of tools may hold images. Default false. */
  readonly takesToolImages?: boolean;
  /** DeepSeek V4, Kimi: an assistant's tool calls come with `reasoning_content`. */
  readonly wantsReasoning?: boolean;
  /** An effort together with function tools is refused. */
  readonly refusesEffortWithTools?: boolean;
  /** Decides whether this API made the thought signature; undefined: none is required. Google's own placeholder is always accepted. */
  readonly isOwnThought?: (signature: string) => boolean;
  /** The member of `extra_content` that carries thought signatures; default `google`. */
  readonly thoughtMember?: string;
  /** Decides whether this API made the opaque reasoning: the `data` or `signature` of a `reasoning_details` entry, `reasoning_opaque` or `reasoning_encrypted`. */
  readonly isOwnReasoning?: (proof: string) => boolean;
  /** True: a user's message may follow a tool's. */
  readonly takesUserAfterTool: boolean;
}

/** Top-level members that OpenAI's API takes. */
export const openaiMembers: ReadonlySet<string> = new Set(
  (
    "model messages max_tokens max_completion_tokens stream stream_options temperature top_p stop tools tool_choice parallel_tool_calls " +
    "response_format reasoning_effort user safety_identifier prompt_cache_key service_tier"
  ).split(" "),
);

/** Returns the message of the 400 with which the API refuses the request; undefined where it takes it. */
export function refuseChat(body: unknown, rules: ChatRules): string | undefined {
  if (!isObject(body)) return "the body is no object";
  return firstOf(complaints(body, rules));
}

function* complaints(body: Json, rules: ChatRules): Generator<string> {
  for (const name of Object.keys(body))
    if (!rules.members.has(name)) yield `Unrecognized request argument supplied: ${name}`;
  const tools = objects(body["tools"]);
  if (Array.isArray(body["tools"]) && tools.length === 0) yield "[] is too short - 'tools'";
  if (
    rules.refusesEffortWithTools === true &&
    tools.length > 0 &&
    "reasoning_effort" in body &&
    body["reasoning_effort"] !== "none"
  )
    yield "Function tools with reasoning_effort are not supported. Please use /v1/responses instead.";
  for (const tool of tools) yield* toolDefinitionComplaints(tool);
  const messages = objects(body["messages"]);
  for (const [index, message] of messages.entries()) {
    yield* messageComplaints(message, `messages[${index}]`, rules);
    if (!rules.takesUserAfterTool && message["role"] === "user" && messages[index - 1]?.["role"] === "tool")
      yield "Unexpected role 'user' after role 'tool'";
  }
  yield* orderComplaints(messages);
  if (rules.isOwnReasoning) yield* reasoningComplaints(messages, rules.isOwnReasoning);
  if (rules.isOwnThought) yield* thoughtComplaints(messages, rules.isOwnThought, rules.thoughtMember ?? "google");
}

function* toolDefinitionComplaints({ type, function: definition }: Json): Generator<string> {
  if (type !== "function" || !isObject(definition)) yield "tools: invalid";
  else if (!/^[a-zA-Z0-9_-]{1,64}$/.test(text(definition["name"]))) yield "tools.function.name: pattern";
  else if (!isObject(definition["parameters"])) yield "tools.function.parameters: an object is required";
}

function* messageComplaints(message: Json, path: string, rules: ChatRules): Generator<string> {
  const { role, content } = message;
  const calls = objects(message["tool_calls"]);
  if (!["system", "developer", "user", "assistant", "tool"].includes(text(role))) yield `${path}.role: invalid`;
  if (role === "user" && (content === "" || (Array.isArray(content) && content.length === 0)))
    yield `${path}.content: empty`;
  if (role === "assistant" && calls.length === 0 && (content === null || content === "" || content === undefined))
    yield `${path}: content is required unless tool_calls are specified`;
  for (const part of objects(content)) {
    const type = text(part["type"]);
    if (type !== "text" && role !== "user" && !(role === "tool" && rules.takesToolImages === true))
      yield `${path}.content: only text is taken in messages of role ${text(role)}`;
    if (type === "image_url" && !rules.takesImages) yield "unknown variant `image_url`, expected `text`";
    if (!["text", "image_url", "file"].includes(type)) yield `${path}.content: invalid type ${type}`;
  }
  for (const call of calls) {
    const id = text(call["id"]);
    if (id === "" || id.length > rules.toolIdLimit)
      yield `${path}.tool_calls.id: string too long. Expected a string with maximum length ${rules.toolIdLimit}`;
    if (rules.toolId?.test(id) === false) yield `Tool call id was ${id} but must be of another form`;
    const args = isObject(call["function"]) ? text(call["function"]["arguments"]) : "";
    if (!isJsonObject(args)) yield `${path}.tool_calls.function.arguments: no JSON object`;
  }
  if (rules.wantsReasoning === true && calls.length > 0 && typeof message["reasoning_content"] !== "string")
    yield "The `reasoning_content` in the thinking mode must be passed back to the API.";
}

function isJsonObject(value: string): boolean {
  try {
    return isObject(JSON.parse(value));
  } catch {
    return false; // no JSON
  }
}

/** Each call is answered directly behind its turn, once, and nothing else is. */
function* orderComplaints(messages: readonly Json[]): Generator<string> {
  let open: string[] = [];
  for (const message of messages) {
    if (message["role"] === "tool") {
      const id = text(message["tool_call_id"]);
      if (!open.includes(id))
        yield "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
      open = open.filter((other) => other !== id);
      continue;
    }
    if (open.length > 0)
      yield `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following did not: ${open.join()}`;
    open = objects(message["tool_calls"]).map(({ id }) => text(id));
  }
  if (open.length > 0) yield "An assistant message with 'tool_calls' must be followed by tool messages";
}

function* reasoningComplaints(messages: readonly Json[], isOwn: (proof: string) => boolean): Generator<string> {
  for (const message of messages) {
    const proofs = objects(message["reasoning_details"]).flatMap(({ data, signature }) => [data, signature]);
    for (const proof of [...proofs, message["reasoning_opaque"], message["reasoning_encrypted"]])
      if (proof !== undefined && !isOwn(text(proof))) yield "The encrypted content could not be verified.";
  }
}

function* thoughtComplaints(
  messages: readonly Json[],
  isOwn: (signature: string) => boolean,
  member: string,
): Generator<string> {
  for (const message of messages) {
    for (const [index, call] of objects(message["tool_calls"]).entries()) {
      const extra = isObject(call["extra_content"]) ? call["extra_content"][member] : undefined;
      const signature = isObject(extra) ? text(extra["thought_signature"]) : "";
      if (signature === "" && index === 0) yield "Function call is missing a thought_signature in functionCall parts.";
      if (signature !== "" && signature !== "skip_thought_signature_validator" && !isOwn(signature))
        yield "Thought signature is not valid.";
    }
  }
}
