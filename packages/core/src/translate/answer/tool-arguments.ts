import { parseJson, stringifyJson } from "../json-object.ts";
import type { ToolBlock } from "./message-blocks.ts";
import { readToolInput, type ToolInput } from "./tool-json.ts";

/** What still has to be given out of a call's arguments (`""` for nothing), and what had to be done to them. */
export interface LastArguments {
  readonly json: string;
  readonly repair?: ToolInput["repair"];
}

/**
 * The end of a tool call's arguments. Where the answer ran into a limit (`isCut`), unfinished ones stay as they came; otherwise they are closed if
 * closing brackets make them valid.
 */
export function lastArguments(block: ToolBlock, isCut: boolean): LastArguments {
  const { args } = block;
  if (block.mode === "live") {
    if (isCut || parseJson(args) !== undefined) return { json: "", ...(block.isTrimmed && { repair: "cleaned" }) };
    const closers = block.closers();
    const isRepaired = closers !== "" && parseJson(args + closers) !== undefined;
    return isRepaired ? { json: closers, repair: "closed" } : { json: "", repair: "invalid" };
  }
  if (block.mode === "undecided") return { json: args.trim() };
  const { input, repair } = readToolInput(args);
  const json =
    isCut && (repair === "invalid" || repair === "closed")
      ? args
      : (stringifyJson(input) ?? JSON.stringify({ __invalid_json: args }));
  return { json: json === "{}" ? "" : json, ...(repair !== undefined && { repair }) };
}
