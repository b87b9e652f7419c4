import type { ChatAssistantMessage, ChatMessage, ChatRequest } from "@ccpb/core/protocol";

const bodyMembers = new Set(
  (
    "model messages max_tokens max_completion_tokens stream stream_options temperature top_p top_k stop tools tool_choice " +
    "parallel_tool_calls response_format reasoning_effort reasoning thinking enable_thinking thinking_budget user safety_identifier " +
    "prompt_cache_key service_tier cache_control"
  ).split(" "),
);
const messageMembers: Readonly<Record<string, ReadonlySet<string>>> = {
  system: new Set(["role", "content"]),
  developer: new Set(["role", "content"]),
  user: new Set(["role", "content"]),
  assistant: new Set([
    "role",
    "content",
    "tool_calls",
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "prefix",
  ]),
  tool: new Set(["role", "tool_call_id", "content"]),
};
const partMembers = new Set(["type", "text", "image_url", "file", "cache_control", "prompt_cache_breakpoint"]);
const callMembers = new Set(["id", "type", "function", "extra_content"]);
const functionMembers = new Set(["name", "description", "parameters", "strict"]);

/** What is wrong with a body as Chat Completions has it: members it does not know, calls without an answer, messages out of order. Empty: nothing. */
export function bodyProblems(body: ChatRequest): readonly string[] {
  const tools = body.tools ?? [];
  const names = tools.map((tool) => tool.function.name);
  return [
    ...unknownMembers(body, bodyMembers, "body"),
    ...(body.messages.length === 0 ? ["no messages"] : []),
    ...(body.tools?.length === 0 ? ["an empty list of tools"] : []),
    ...(new Set(names).size < names.length ? ["a tool name twice"] : []),
    ...names.filter((name) => !/^[A-Za-z0-9_-]{1,64}$/.test(name)).map((name) => `bad tool name ${name}`),
    ...tools.flatMap((tool, index) => [
      ...unknownMembers(tool, new Set(["type", "function", "cache_control"]), `tools.${index}`),
      ...unknownMembers(tool.function, functionMembers, `tools.${index}.function`),
      ...(tool.function.parameters["type"] === "object" && "properties" in tool.function.parameters
        ? []
        : [`tools.${index} has no object parameters`]),
    ]),
    ...(body.stop && (body.stop.length === 0 || body.stop.length > 4) ? ["a bad number of stop sequences"] : []),
    ...body.messages.flatMap((message, index) => messageProblems(message, `messages.${index}`)),
    ...orderProblems(body.messages),
  ];
}

function messageProblems(message: ChatMessage, path: string): readonly string[] {
  const members = messageMembers[message.role];
  if (!members) return [`${path}: unknown role`];
  const { content } = message;
  const parts = Array.isArray(content) ? content : [];
  return [
    ...unknownMembers(message, members, path),
    ...(Array.isArray(content) && content.length === 0 ? [`${path}: no parts`] : []),
    ...(message.role === "user" && content === "" ? [`${path}: empty`] : []),
    ...parts.flatMap((part, index) => [
      ...unknownMembers(part, partMembers, `${path}.content.${index}`),
      ...(part.type === "text" && part.text.trim() === "" ? [`${path}.content.${index}: blank text`] : []),
    ]),
    ...(message.role === "assistant" ? callProblems(message, path) : []),
  ];
}

function callProblems(message: ChatAssistantMessage, path: string): readonly string[] {
  const calls = message.tool_calls ?? [];
  return [
    ...(message.tool_calls?.length === 0 ? [`${path}: no calls in its list`] : []),
    ...(calls.length === 0 && (message.content === null || message.content === "") ? [`${path}: says nothing`] : []),
    ...calls.flatMap((call, index) => [
      ...unknownMembers(call, callMembers, `${path}.tool_calls.${index}`),
      ...(/^\s*\{/.test(call.function.arguments) && isJson(call.function.arguments)
        ? []
        : [`${path}.tool_calls.${index}: arguments are no object`]),
      ...(/^[A-Za-z0-9_-]{1,64}$/.test(call.function.name) ? [] : [`${path}.tool_calls.${index}: bad name`]),
    ]),
  ];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Tool messages stand directly behind the turn that called, one for each call, in the order of the calls; no id comes twice. */
function orderProblems(messages: readonly ChatMessage[]): readonly string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  let waiting: string[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role === "tool") {
      const expected = waiting.shift();
      if (message.tool_call_id !== expected)
        problems.push(`messages.${index}: answers ${message.tool_call_id}, not ${expected}`);
      continue;
    }
    if (waiting.length > 0) problems.push(`messages.${index}: comes before the results of ${waiting.join(", ")}`);
    waiting = message.role === "assistant" ? (message.tool_calls ?? []).map(({ id }) => id) : [];
    for (const id of waiting) {
      if (seen.has(id)) problems.push(`messages.${index}: id ${id} comes twice`);
      seen.add(id);
    }
  }
  if (waiting.length > 0) problems.push(`the last calls have no results: ${waiting.join(", ")}`);
  return problems;
}

function unknownMembers(value: object, known: ReadonlySet<string>, path: string): readonly string[] {
  return Object.entries(value)
    .filter(([key, member]) => !known.has(key) || member === undefined)
    .map(([key]) => `${path}.${key} is not known`);
}
