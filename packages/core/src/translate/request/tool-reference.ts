import type { RequestScope } from "./request-scope.ts";

/**
 * Tools that a tool search found, told in the form that Anthropic's API shows to its models: one `<function>` with description, name and
 * parameters for each. A tool that is not sent is named only.
 */
export function functionsText(names: readonly string[], scope: RequestScope): string {
  const lines = names.filter((name) => name !== "").map((name) => `<function>${functionText(name, scope)}</function>`);
  return lines.length === 0 ? "" : `<functions>\n${lines.join("\n")}\n</functions>`;
}

function functionText(name: string, scope: RequestScope): string {
  const tool = scope.tools.get(name);
  const upstreamName = JSON.stringify(scope.names.toUpstream(name));
  if (!tool) return `{"name": ${upstreamName}}`;
  const { description, parameters } = tool.function;
  const before = description === undefined ? "" : `"description": ${JSON.stringify(description)}, `;
  return `{${before}"name": ${upstreamName}, "parameters": ${JSON.stringify(parameters)}}`;
}
