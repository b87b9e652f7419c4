import { parseJson, stringifyJson } from "../../base/json.ts";
import { missingBrackets, readToolInput, type ToolInput } from "./tool-json.ts";

/** The arguments of a tool call as they stand when the call ends. */
export interface CallArguments {
  readonly args: string;
  /** `live`: they were given out as they came; `undecided`: it is not known yet whether they can be; `held`: they are given out at the end. */
  readonly mode: "undecided" | "live" | "held";
  /** Something that does not belong to them was cut off, or written as JSON has it. */
  readonly isCleaned: boolean;
}

/** Arguments of a call that still have to be given out (`""`: none), and the repairs that they needed. */
export interface LastArguments {
  readonly json: string;
  readonly repair?: ToolInput["repair"];
}

/**
 * Settles the end of a tool call's arguments.
 *
 * @returns undefined where they are cut inside a value, or are no JSON: the block must then stay open, because clients run a call when it ends.
 */
export function lastArguments(block: CallArguments): LastArguments | undefined {
  const { args } = block;
  switch (block.mode) {
    case "live": {
      if (parseJson(args) !== undefined) return { json: "", ...(block.isCleaned && { repair: "cleaned" }) };
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
