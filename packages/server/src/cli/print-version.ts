import { version } from "../base/version.ts";
import { exitCodes } from "../base/exit-codes.ts";

/** `ccpb version`: prints the version alone on stdout, as `ccpb --version` does. */
export function printVersion(): number {
  process.stdout.write(`${version}\n`);
  return exitCodes.ok;
}
