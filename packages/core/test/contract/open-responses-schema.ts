import { z } from "zod";

type Members = Readonly<Record<string, unknown>>;

// Written from the Open Responses specification (openresponses.org/specification, schema of 2026-04-24): which members each object must have, and of
// which types. Objects may have more members: the specification lets implementations add them.

const count = z.int().min(0);
const status = z.enum(["in_progress", "completed", "incomplete"]);

const urlCitation = z.looseObject({
  type: z.literal("url_citation"),
  url: z.string(),
  start_index: count,
  end_index: count,
  title: z.string(),
});

const outputText = z.looseObject({
  type: z.literal("output_text"),
  text: z.string(),
  annotations: z.array(urlCitation),
});
const refusal = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });
const summaryText = z.looseObject({ type: z.literal("summary_text"), text: z.string() });
const contentPart = z.discriminatedUnion("type", [outputText, refusal, summaryText]);

const message = z.looseObject({
  type: z.literal("message"),
  id: z.string().min(1),
  status,
  role: z.literal("assistant"),
  content: z.array(z.discriminatedUnion("type", [outputText, refusal])),
});

const functionCall = z.looseObject({
  type: z.literal("function_call"),
  id: z.string().min(1),
  call_id: z.string().min(1),
  name: z.string().min(1),
  arguments: z.string(),
  status,
});

const reasoning = z.looseObject({
  type: z.literal("reasoning"),
  id: z.string().min(1),
  summary: z.array(summaryText),
  encrypted_content: z.string().optional(),
});

const itemSchema = z.discriminatedUnion("type", [message, functionCall, reasoning]);

const functionTool = z.looseObject({
  type: z.literal("function"),
  name: z.string(),
  description: z.string().nullable(),
  parameters: z.record(z.string(), z.unknown()).nullable(),
  strict: z.boolean().nullable(),
});

const toolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  z.looseObject({ type: z.literal("function"), name: z.string().optional() }),
  z.looseObject({
    type: z.literal("allowed_tools"),
    mode: z.enum(["none", "auto", "required"]),
    tools: z.array(z.looseObject({ type: z.literal("function"), name: z.string().optional() })),
  }),
]);

const format = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text") }),
  z.looseObject({ type: z.literal("json_object") }),
  z.looseObject({
    type: z.literal("json_schema"),
    name: z.string(),
    description: z.string().nullable(),
    schema: z.record(z.string(), z.unknown()),
    strict: z.boolean(),
  }),
]);

const usage = z.looseObject({
  input_tokens: count,
  output_tokens: count,
  total_tokens: count,
  input_tokens_details: z.looseObject({ cached_tokens: count }),
  output_tokens_details: z.looseObject({ reasoning_tokens: count }),
});

/** The response object: all of its members are required. */
export const responseSchema: z.ZodType<Members> = z.looseObject({
  id: z.string().min(1),
  object: z.literal("response"),
  created_at: count,
  completed_at: count.nullable(),
  status: z.enum(["completed", "incomplete", "failed", "in_progress", "queued", "cancelled"]),
  incomplete_details: z.looseObject({ reason: z.string() }).nullable(),
  model: z.string(),
  previous_response_id: z.string().nullable(),
  instructions: z.string().nullable(),
  output: z.array(itemSchema),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
  tools: z.array(functionTool),
  tool_choice: toolChoice,
  truncation: z.enum(["auto", "disabled"]),
  parallel_tool_calls: z.boolean(),
  text: z.looseObject({ format, verbosity: z.enum(["low", "medium", "high"]).optional() }),
  top_p: z.number(),
  presence_penalty: z.number(),
  frequency_penalty: z.number(),
  top_logprobs: z.int(),
  temperature: z.number(),
  reasoning: z
    .looseObject({ effort: z.string().nullable(), summary: z.enum(["concise", "detailed", "auto"]).nullable() })
    .nullable(),
  user: z.string().nullable(),
  usage: usage.nullable(),
  max_output_tokens: z.int().nullable(),
  max_tool_calls: z.int().nullable(),
  store: z.boolean(),
  background: z.boolean(),
  service_tier: z.string(),
  metadata: z.record(z.string(), z.string()),
  safety_identifier: z.string().nullable(),
  prompt_cache_key: z.string().nullable(),
});

const sequence = { sequence_number: count };
const atItem = { ...sequence, item_id: z.string().min(1), output_index: count };
const atContent = { ...atItem, content_index: count };
const atSummary = { ...atItem, summary_index: count };

function event<Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) {
  return z.looseObject({ type: z.literal(type), ...shape });
}

/** An event of a stream. */
export const eventSchema: z.ZodType<Members> = z.discriminatedUnion("type", [
  event("response.created", { ...sequence, response: responseSchema }),
  event("response.in_progress", { ...sequence, response: responseSchema }),
  event("response.completed", { ...sequence, response: responseSchema }),
  event("response.incomplete", { ...sequence, response: responseSchema }),
  event("response.failed", { ...sequence, response: responseSchema }),
  event("response.output_item.added", { ...sequence, output_index: count, item: itemSchema }),
  event("response.output_item.done", { ...sequence, output_index: count, item: itemSchema }),
  event("response.content_part.added", { ...atContent, part: contentPart }),
  event("response.content_part.done", { ...atContent, part: contentPart }),
  event("response.output_text.delta", { ...atContent, delta: z.string(), logprobs: z.array(z.unknown()).optional() }),
  event("response.output_text.done", { ...atContent, text: z.string(), logprobs: z.array(z.unknown()).optional() }),
  event("response.output_text.annotation.added", { ...atContent, annotation_index: count, annotation: urlCitation }),
  event("response.refusal.delta", { ...atContent, delta: z.string() }),
  event("response.refusal.done", { ...atContent, refusal: z.string() }),
  event("response.reasoning_summary_part.added", { ...atSummary, part: contentPart }),
  event("response.reasoning_summary_part.done", { ...atSummary, part: contentPart }),
  event("response.reasoning_summary_text.delta", { ...atSummary, delta: z.string() }),
  event("response.reasoning_summary_text.done", { ...atSummary, text: z.string() }),
  event("response.function_call_arguments.delta", { ...atItem, delta: z.string() }),
  event("response.function_call_arguments.done", { ...atItem, arguments: z.string() }),
  event("error", {
    ...sequence,
    error: z.looseObject({
      type: z.string(),
      code: z.string().nullable(),
      message: z.string(),
      param: z.string().nullable(),
    }),
  }),
]);
