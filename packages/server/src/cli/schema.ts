import { schemaFileText } from "../config/schema-file.ts";
import { exitCodes } from "../base/exit-codes.ts";

/** `ccpb schema`: the JSON schema of `providers.yaml` on stdout, for editors. */
export function printSchema(): number {
  process.stdout.write(schemaFileText());
  return exitCodes.ok;
}
