import type { JsonObject } from "../../base/json.ts";

/** Definition, as a function, of a tool that Anthropic defines and the client runs. */
export interface ClientToolDefinition {
  readonly description: string;
  readonly parameters: Record<string, unknown>;
}

/**
 * Returns the definition behind a tool type of Anthropic's such as `bash_20250124`, whose schema only its own models know; undefined for any other type.
 * The schemas are those of the commands that clients implement (platform.claude.com, "Bash tool", "Text editor tool", "Memory tool").
 */
export function clientToolDefinition(type: string, tool: JsonObject): ClientToolDefinition | undefined {
  if (/^bash_\d+$/.test(type)) return bash();
  if (/^text_editor_\d+$/.test(type)) return textEditor(type, tool);
  if (/^memory_\d+$/.test(type)) return memory();
  return undefined;
}

function bash(): ClientToolDefinition {
  return {
    description: "Runs a command in a persistent bash session and returns its output.",
    parameters: {
      type: "object",
      properties: {
        command: { type: "string", description: "The bash command to run. Required unless restart is true." },
        restart: { type: "boolean", description: "Restart the session instead of running a command." },
      },
    },
  };
}

function textEditor(type: string, tool: JsonObject): ClientToolDefinition {
  const hasUndo = type < "text_editor_20250429";
  const hasInsertText = type >= "text_editor_20250728"; // before, the text to insert was new_str
  const limit = tool["max_characters"];
  const commands = ["view", "create", "str_replace", "insert", ...(hasUndo ? ["undo_edit"] : [])];
  return {
    description: `Views, creates and edits text files.${typeof limit === "number" ? ` A view is cut at ${limit} characters.` : ""}`,
    parameters: {
      type: "object",
      properties: {
        command: { type: "string", enum: commands, description: "What to do." },
        path: { type: "string", description: "Path of the file or directory." },
        file_text: { type: "string", description: "For create: the content of the new file." },
        old_str: { type: "string", description: "For str_replace: the text to replace; it must occur exactly once." },
        new_str: {
          type: "string",
          description: `For str_replace: the text to put in its place.${hasInsertText ? "" : " For insert: the text to insert."}`,
        },
        insert_line: {
          type: "integer",
          description: "For insert: the line after which to insert; 0 is the beginning.",
        },
        ...(hasInsertText && { insert_text: { type: "string", description: "For insert: the text to insert." } }),
        view_range: {
          type: "array",
          items: { type: "integer" },
          description: "For view: the first and the last line to show, counted from 1; -1 is the end of the file.",
        },
      },
      required: ["command", "path"],
    },
  };
}

function memory(): ClientToolDefinition {
  return {
    description: "Keeps notes in files below /memories that outlast the conversation.",
    parameters: {
      type: "object",
      properties: {
        command: {
          type: "string",
          enum: ["view", "create", "str_replace", "insert", "delete", "rename"],
          description: "What to do.",
        },
        path: { type: "string", description: "Path below /memories; for rename see old_path and new_path." },
        view_range: {
          type: "array",
          items: { type: "integer" },
          description: "For view: the first and the last line.",
        },
        file_text: { type: "string", description: "For create: the content of the file." },
        old_str: { type: "string", description: "For str_replace: the text to replace." },
        new_str: { type: "string", description: "For str_replace: the text to put in its place." },
        insert_line: { type: "integer", description: "For insert: the line after which to insert." },
        insert_text: { type: "string", description: "For insert: the text to insert." },
        old_path: { type: "string", description: "For rename: the path as it is." },
        new_path: { type: "string", description: "For rename: the path as it shall be." },
      },
      required: ["command"],
    },
  };
}
