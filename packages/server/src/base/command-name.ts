import { basename } from "node:path";

/**
 * Returns how the person calls this command, for hints that are to be pasted: `npm start --` where `npm start` of a clone runs it, else `ccpb`.
 *
 * @param program the script that Node was started with; default: that of this process
 */
export function commandName(program: string | undefined = process.argv[1]): string {
  return program !== undefined && basename(program) === "start.mjs" ? "npm start --" : "ccpb";
}
