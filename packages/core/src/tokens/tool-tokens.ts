import { jsonTokens } from "./text-weight.ts";

// What Anthropic's API adds for the tools that it defines itself, from recorded usage (tokens beyond the preamble); by the beginning of the type.
const definedTools: readonly (readonly [string, number])[] = [
  ["bash_", 65],
  ["text_editor_", 550],
  ["memory_", 1075],
  ["computer_", 1150],
  ["web_search_", 1550],
  ["web_fetch_", 400],
  ["code_execution_", 1300],
  ["tool_search_", 250],
  ["advisor_", 600],
];

const preamble = 495; // as soon as one tool exists

/** Tokens of a request's tools: names, descriptions and schemas, with what the API itself adds. */
export function toolsTokens(tools: unknown): number {
  if (!Array.isArray(tools) || tools.length === 0) return 0;
  let total = preamble;
  for (const tool of tools) total += toolTokens(tool);
  return total;
}

function toolTokens(tool: unknown): number {
  if (typeof tool !== "object" || tool === null) return 0;
  const { type, name, description, input_schema: schema }: { readonly [member: string]: unknown } = { ...tool };
  const defined = typeof type === "string" ? definedTools.find(([prefix]) => type.startsWith(prefix)) : undefined;
  return (defined?.[1] ?? 0) + jsonTokens(name) + jsonTokens(description) + jsonTokens(schema);
}
