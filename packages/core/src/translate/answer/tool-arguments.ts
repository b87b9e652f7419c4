import { parseJson, stringifyJson } from "../json-object.ts";
import type { ToolBlock } from "./message-blocks.ts";
import { missingBrackets, readToolInput, type ToolInput } from "./tool-json.ts";

/** What still has to be given out of a call's arguments (`""` for nothing), and what had to be done to them. */
export interface LastArguments {
  readonly json: string;
  readonly repair?: ToolInput["repair"];
}

/**
 * Settles the end of a tool call's arguments.
 *
 * @returns undefined where they are cut inside a value, or are no JSON: the block must then stay open, because clients run a call when it ends.
 */
export function lastArguments(block: ToolBlock): LastArguments | undefined {
  const { args } = block;
  switch (block.mode) {
    case "live": {
      if (parseJson(args) !== undefined) return { json: "", ...(block.isTrimmed && { repair: "cleaned" }) };
      const closers = missingBrackets(args);
      return closers === undefined ? undefined : { json: closers, repair: "closed" };
    }
    case "undecided": {
      const json = args.trim();
      return json === "" || parseJson(json) !== undefined ? { json } : undefined;
    }
    case "held": {
      const read = readToolInput(args);
      const json = read && stringifyJson(read.input);
      if (read === undefined || json === undefined) return undefined;
      return { json: json === "{}" ? "" : json, ...(read.repair !== undefined && { repair: read.repair }) };
    }
  }
}
