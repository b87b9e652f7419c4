import type { Behaviour, BehaviourSource } from "./behaviour.ts";
import { text, type ToolCall, tools } from "./behaviours.ts";

export interface ClaudeCodeOptions {
  /** Turns of tool calls before the model's text: each entry is one turn, whose calls are made in parallel. */
  readonly turns?: readonly (readonly ToolCall[])[];
  /** The last answer. */
  readonly text: string;
  /** Changes every answer of the main conversation (pacing, cuts); `turn` counts from 0. */
  readonly change?: (behaviour: Behaviour, turn: number) => Behaviour;
}

/**
 * Returns a model for Claude Code, in any dialect: calls the tools of each turn until the conversation holds as many turns of calls as there are, then
 * answers. Side requests (titles, checks: no such tool offered, or a JSON schema asked for) get a short answer of the form that they ask for.
 */
export function claudeCode(options: ClaudeCodeOptions): BehaviourSource {
  return ({ body }) => {
    const schema = schemaOf(body);
    if (schema !== undefined) return text(JSON.stringify(exampleOf(schema)));
    const offered = offeredTools(body);
    if (offered.size === 0) return text("ok");
    const turn = callTurns(body);
    const calls = options.turns?.[turn] ?? [];
    const isPossible = calls.length > 0 && calls.every((call) => offered.has(call.name));
    const behaviour = isPossible ? tools(...calls) : text(options.text);
    return options.change ? options.change(behaviour, turn) : behaviour;
  };
}

/** Returns the names of the tools that a request offers, in any dialect. */
export function offeredTools(body: unknown): ReadonlySet<string> {
  const names = list(field(body, "tools")).flatMap((tool) => [
    field(tool, "name"),
    field(field(tool, "function"), "name"),
  ]);
  return new Set(names.filter((name) => typeof name === "string"));
}

function callTurns(body: unknown): number {
  const input = list(field(body, "input"));
  if (input.length > 0) return input.filter((item, index) => endsCalls(item, input[index + 1])).length;
  return list(field(body, "messages")).filter(
    (message) =>
      list(field(message, "tool_calls")).length > 0 ||
      list(field(message, "content")).some((block) => field(block, "type") === "tool_use"),
  ).length;
}

/** Calls of one turn stand side by side in Responses. */
function endsCalls(item: unknown, next: unknown): boolean {
  return field(item, "type") === "function_call" && field(next, "type") !== "function_call";
}

function schemaOf(body: unknown): unknown {
  const anthropic = field(field(field(body, "output_config"), "format"), "schema");
  const responses = field(field(field(body, "text"), "format"), "schema");
  return anthropic ?? responses ?? field(field(field(body, "response_format"), "json_schema"), "schema");
}

/** The smallest value that a JSON schema takes, as far as objects, enums and plain types go. */
function exampleOf(schema: unknown): unknown {
  const options = list(field(schema, "enum"));
  if (options.length > 0) return options[0];
  switch (field(schema, "type")) {
    case "object":
      return Object.fromEntries(
        Object.entries(record(field(schema, "properties"))).map(([name, property]) => [name, exampleOf(property)]),
      );
    case "array":
      return [];
    case "boolean":
      return false;
    case "number":
    case "integer":
      return 0;
    default:
      return "Short title";
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function field(value: unknown, name: string): unknown {
  return record(value)[name];
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
