import { configJsonSchema } from "@ccpb/core/config";

/** Returns the JSON schema (draft 7) of `providers.yaml` as the text of a file, for editors. */
export function schemaFileText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}
