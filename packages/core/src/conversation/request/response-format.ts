import type { ChatRequest } from "../../protocol/chat.ts";
import type { ResponsesRequest } from "../../protocol/responses.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { Profile } from "../../base/profile-types.ts";
import { shapeSchema } from "./common-schema.ts";
import { meetsStrictSubset } from "./strict-schema.ts";
import { cleanSchema } from "./tool-schema.ts";
import type { WarningList } from "./warning-list.ts";

/** A demanded output format; `instruction` stands in the system prompt where the vendor cannot be told the schema otherwise. */
export interface ResponseFormat {
  readonly responseFormat?: NonNullable<ChatRequest["response_format"]>;
  readonly instruction?: string;
}

/** Reads `output_config.format`, or the older `output_format`. */
export function toResponseFormat(request: JsonObject, profile: Profile, warnings: WarningList): ResponseFormat {
  const config = request["output_config"];
  const current = isObject(config) ? config["format"] : undefined;
  const format = current ?? request["output_format"];
  if (format === undefined || format === null) return {};
  const path = current === undefined || current === null ? "output_format" : "output_config.format";
  const schema = isObject(format) && format["type"] === "json_schema" ? format["schema"] : undefined;
  if (!isObject(schema)) {
    warnings.add("output_format_dropped", "an unknown output format dropped", path);
    return {};
  }
  const plain = cleanSchema(schema, `${path}.schema`);
  const isStrict = profile.toolSchema !== "gemini" && profile.omitSchema.length === 0 && meetsStrictSubset(plain);
  // A vendor that holds answers to OpenAI's strict subset takes that subset whole.
  const cleaned = isStrict && profile.jsonSchema ? plain : shapeSchema(plain, profile);
  if (profile.jsonSchema) {
    const json_schema = { name: "response", schema: cleaned, ...(isStrict && { strict: true }) };
    return { responseFormat: { type: "json_schema", json_schema } };
  }
  return {
    responseFormat: { type: "json_object" },
    instruction: `Answer with one JSON object that follows this JSON Schema, and nothing else:\n${JSON.stringify(cleaned)}`,
  };
}

/** Returns the same format where Responses has it; `strict` is always said. */
export function toTextFormat(format: NonNullable<ChatRequest["response_format"]>): ResponsesRequest["text"] & object {
  if (format.type === "json_object") return { format };
  const { name, schema, strict } = format.json_schema;
  return { format: { type: "json_schema", name, schema, strict: strict === true } };
}
