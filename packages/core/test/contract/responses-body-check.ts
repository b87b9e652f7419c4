import type { ResponsesInputItem, ResponsesRequest } from "@ccpb/core/protocol";

const bodyMembers = new Set(
  (
    "model instructions input max_output_tokens temperature top_p stream tools tool_choice parallel_tool_calls text reasoning include store user " +
    "safety_identifier prompt_cache_key service_tier"
  ).split(" "),
);
const itemMembers: Readonly<Record<ResponsesInputItem["type"], ReadonlySet<string>>> = {
  message: new Set(["type", "role", "content", "phase"]),
  function_call: new Set(["type", "call_id", "name", "arguments"]),
  function_call_output: new Set(["type", "call_id", "output"]),
  reasoning: new Set(["type", "id", "summary", "content", "encrypted_content"]),
};
const inputParts: Readonly<Record<string, ReadonlySet<string>>> = {
  input_text: new Set(["type", "text", "prompt_cache_breakpoint"]),
  input_image: new Set(["type", "image_url", "detail", "prompt_cache_breakpoint"]),
  input_file: new Set(["type", "filename", "file_data", "file_url", "prompt_cache_breakpoint"]),
};
const toolMembers: Readonly<Record<string, ReadonlySet<string>>> = {
  function: new Set(["type", "name", "description", "parameters", "strict"]),
  web_search: new Set(["type", "filters", "user_location"]),
};

/** What is wrong with a body as Responses has it, by what the API refuses: unknown members, unpaired calls, lonely reasoning. Empty: nothing. */
export function responsesBodyProblems(body: ResponsesRequest): readonly string[] {
  const names = (body.tools ?? []).flatMap((tool) => (tool.type === "function" ? [tool.name] : []));
  return [
    ...unknownMembers(body, bodyMembers, "body"),
    ...(body.input.length === 0 ? ["no input"] : []),
    ...("store" in body && !body.store ? [] : ["something is stored"]),
    ...(body.max_output_tokens !== undefined && body.max_output_tokens < 16 ? ["fewer than 16 tokens of output"] : []),
    ...(body.tools?.length === 0 ? ["an empty list of tools"] : []),
    ...(body.tool_choice !== undefined && !body.tools ? ["a choice without tools"] : []),
    ...(new Set(names).size < names.length ? ["a tool name twice"] : []),
    ...names.filter((name) => !/^[A-Za-z0-9_-]{1,64}$/.test(name)).map((name) => `bad tool name ${name}`),
    ...(body.tools ?? []).flatMap((tool, index) => toolProblems(tool, `tools.${index}`)),
    ...body.input.flatMap((item, index) => itemProblems(item, `input.${index}`)),
    ...pairProblems(body.input),
    ...reasoningProblems(body.input),
    ...(breakpoints(body).length > 4 ? ["more than four cache breakpoints"] : []),
  ];
}

function toolProblems(tool: NonNullable<ResponsesRequest["tools"]>[number], path: string): readonly string[] {
  const known = toolMembers[tool.type];
  if (!known) return [`${path}: unknown type`];
  if (tool.type !== "function") return unknownMembers(tool, known, path);
  const isObjectSchema = tool.parameters["type"] === "object" && "properties" in tool.parameters;
  return [
    ...unknownMembers(tool, known, path),
    ...(typeof tool.strict === "boolean" ? [] : [`${path}: strict is not said`]),
    ...(isObjectSchema ? [] : [`${path} has no object parameters`]),
  ];
}

function itemProblems(item: ResponsesInputItem, path: string): readonly string[] {
  const known = itemMembers[item.type];
  if (!known) return [`${path}: unknown type`];
  const problems = unknownMembers(item, known, path);
  switch (item.type) {
    case "message":
      return [
        ...problems,
        ...(item.role !== "assistant" && "phase" in item ? [`${path}: a phase that is not the assistant's`] : []),
        ...(item.role === "assistant"
          ? textProblems(item.content, path)
          : partProblems(item.content, inputParts, `${path}.content`)),
      ];
    case "function_call":
      return [
        ...problems,
        ...idProblems(item.call_id, path),
        ...(/^[A-Za-z0-9_-]{1,64}$/.test(item.name) ? [] : [`${path}: bad name`]),
        ...(isObjectText(item.arguments) ? [] : [`${path}: arguments are no object`]),
      ];
    case "function_call_output":
      return [
        ...problems,
        ...idProblems(item.call_id, path),
        ...(typeof item.output === "string" ? [] : partProblems(item.output, inputParts, `${path}.output`)),
      ];
    case "reasoning":
      return [
        ...problems,
        ...(item.encrypted_content === undefined && !item.content ? [`${path}: reasoning without content`] : []),
        ...(item.id === undefined ? [`${path}: reasoning without an id`] : []),
      ];
  }
}

/** As parts it would have to be a whole output item, which servers that hold to OpenAI's types insist on. */
function textProblems(content: unknown, path: string): readonly string[] {
  return typeof content === "string" && content.trim() !== ""
    ? []
    : [`${path}: an assistant's message that is no text`];
}

function idProblems(id: string, path: string): readonly string[] {
  return id.length >= 1 && id.length <= 64 ? [] : [`${path}: a call_id of ${id.length} characters`];
}

function partProblems(
  parts: readonly { readonly type: string; readonly text?: string }[],
  known: Readonly<Record<string, ReadonlySet<string>>>,
  path: string,
): readonly string[] {
  if (parts.length === 0) return [`${path}: no parts`];
  return parts.flatMap((part, index) => {
    const members = known[part.type];
    if (!members) return [`${path}.${index}: ${part.type} has no place here`];
    return [
      ...unknownMembers(part, members, `${path}.${index}`),
      ...(part.text?.trim() === "" ? [`${path}.${index}: blank text`] : []),
    ];
  });
}

/** Every call once, every output after its call and before the next turn of an assistant (DeepSeek: recorded 400). */
function pairProblems(input: readonly ResponsesInputItem[]): readonly string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  let waiting: string[] = [];
  for (const [index, item] of input.entries()) {
    if (item.type === "function_call") {
      if (seen.has(item.call_id)) problems.push(`input.${index}: call ${item.call_id} comes twice`);
      seen.add(item.call_id);
      waiting.push(item.call_id);
    } else if (item.type === "function_call_output") {
      const expected = waiting.shift();
      if (item.call_id !== expected) problems.push(`input.${index}: answers ${item.call_id}, not ${expected}`);
    } else if (item.type === "message" && item.role !== "assistant" && waiting.length > 0) {
      problems.push(`input.${index}: comes before the outputs of ${waiting.join(", ")}`);
      waiting = [];
    }
  }
  return waiting.length > 0 ? [...problems, `calls without an output: ${waiting.join(", ")}`] : problems;
}

/** Behind reasoning stands what it was made for: more of it, a message of the assistant's or a call. */
function reasoningProblems(input: readonly ResponsesInputItem[]): readonly string[] {
  return input.flatMap((item, index) => {
    if (item.type !== "reasoning") return [];
    const next = input[index + 1];
    const isFollowed =
      next?.type === "reasoning" ||
      next?.type === "function_call" ||
      (next?.type === "message" && next.role === "assistant");
    return isFollowed ? [] : [`input.${index}: reasoning without its following item`];
  });
}

function breakpoints(body: ResponsesRequest): readonly string[] {
  return JSON.stringify(body.input).match(/"prompt_cache_breakpoint":/g) ?? [];
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function unknownMembers(value: object, known: ReadonlySet<string>, path: string): readonly string[] {
  return Object.entries(value)
    .filter(([key, member]) => !known.has(key) || member === undefined)
    .map(([key]) => `${path}.${key} is not known`);
}
