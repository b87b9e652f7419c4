import type { ChatTool } from "../../protocol/chat.ts";
import type { ToolNames } from "../ids/tool-names.ts";

// Every reference repeats a whole definition: many references to one large tool would multiply the request.
const maxDescribedLength = 1_048_576; // UTF-16 units of one request; a hundred large tools come to a tenth of it

/** Writes the tools that tool searches of one request have found. */
export class ToolReferences {
  readonly #tools: ReadonlyMap<string, ChatTool>;
  readonly #names: ToolNames;
  readonly #described = new Map<string, string>();
  #length = 0;

  constructor(tools: ReadonlyMap<string, ChatTool>, names: ToolNames) {
    this.#tools = tools;
    this.#names = names;
  }

  /**
   * The tools of these names, in the form that Anthropic's API shows to its models: one `<function>` with description, name and parameters for each.
   * Only the name is written for a tool that is not sent, and for every further one once the request's definitions have reached 1 Mi characters.
   */
  functionsText(names: readonly string[]): string {
    const lines = names.filter((name) => name !== "").map((name) => `<function>${this.#functionText(name)}</function>`);
    return lines.length === 0 ? "" : `<functions>\n${lines.join("\n")}\n</functions>`;
  }

  #functionText(name: string): string {
    const upstreamName = JSON.stringify(this.#names.toUpstream(name));
    const tool = this.#tools.get(name);
    if (!tool || this.#length > maxDescribedLength) return `{"name": ${upstreamName}}`;
    let text = this.#described.get(name);
    if (text === undefined) {
      const { description, parameters } = tool.function;
      const before = description === undefined ? "" : `"description": ${JSON.stringify(description)}, `;
      text = `{${before}"name": ${upstreamName}, "parameters": ${JSON.stringify(parameters)}}`;
      this.#described.set(name, text);
    }
    this.#length += text.length;
    return text;
  }
}
