import { stringifyJson } from "../base/json.ts";
// Tokens that Anthropic's API adds for the tools that it defines itself, beyond the preamble; from recorded usage, by the beginning of the type.
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

/** Weight of a request's tools. */
export interface ToolsWeight {
  readonly count: number;
  /** Text that is tokenised: names, descriptions and schemas as JSON. */
  readonly texts: readonly string[];
  /** Tokens that the API itself adds for the tools that it defines. */
  readonly defined: number;
}

export function weighTools(tools: unknown): ToolsWeight {
  const weight = { count: 0, texts: [] as string[], defined: 0 };
  if (!Array.isArray(tools)) return weight;
  for (const tool of tools) {
    if (typeof tool !== "object" || tool === null) continue;
    const { type, name, description, input_schema }: { readonly [member: string]: unknown } = { ...tool };
    const known = typeof type === "string" ? definedTools.find(([prefix]) => type.startsWith(prefix)) : undefined;
    weight.count += 1;
    weight.defined += known?.[1] ?? 0;
    weight.texts.push(stringifyJson({ name, description, input_schema }) ?? "");
  }
  return weight;
}
