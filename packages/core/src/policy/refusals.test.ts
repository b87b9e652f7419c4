import { describe, expect, it } from "vitest";
import { lessonProfile } from "../base/lesson.ts";
import type { MessagesRequest } from "../protocol/anthropic.ts";
import type { ProfileOverride } from "../base/profile-types.ts";
import { toChatRequest } from "../dialects/chat/request.ts";
import { messagesToResponses } from "../dialects/responses/request.ts";
import { neutralNativeProfile } from "../vendors/messages-profile.ts";
import { resolveProfile } from "../vendors/profile.ts";
import type { UpstreamErrorText } from "../base/outcome.ts";
import type { RefusedRequest } from "./refusal-types.ts";
import { readLesson, refusalRows } from "./refusals.ts";

const model = "hcp-latest";
const pixel = { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" };

/** A request of a session that uses everything. */
const session = {
  model: "claude-opus-5",
  max_tokens: 32_000,
  stream: true,
  temperature: 0.2,
  top_p: 0.9,
  top_k: 5,
  stop_sequences: ["a", "b", "c", "d"],
  system: "You are Claude Code.",
  thinking: { type: "enabled", budget_tokens: 30_000 },
  output_config: { effort: "xhigh", format: { type: "json_schema", schema: { type: "object", properties: {} } } },
  metadata: { user_id: "user_1234567890_account__session_0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" },
  speed: "fast",
  tools: [
    {
      name: "Read",
      strict: true,
      input_schema: {
        type: "object",
        properties: {
          path: { type: "string", format: "uri", minLength: 1, default: "x" },
          kind: { anyOf: [{ type: "string" }, { type: "integer" }] },
        },
        required: ["path"],
        additionalProperties: false,
        title: "read",
      },
    },
    {
      name: "Strict",
      strict: true,
      input_schema: {
        type: "object",
        properties: { a: { type: "string" } },
        required: ["a"],
        additionalProperties: false,
      },
    },
  ],
  tool_choice: { type: "tool", name: "Read", disable_parallel_tool_use: true },
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "Look" },
        { type: "image", source: pixel },
      ],
    },
    { role: "user", content: [{ type: "document", source: { ...pixel, media_type: "application/pdf" } }] },
    { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "Read", input: { path: "a" } }] },
    {
      role: "user",
      content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "image", source: pixel }] }],
    },
    { role: "system", content: "Be brief." },
    { role: "user", content: "And now?" },
    { role: "assistant", content: "It is" },
  ],
} as unknown as MessagesRequest;

/** A profile that hopes for everything. */
const hopeful: ProfileOverride = {
  midSystem: "system",
  systemRole: "developer",
  toolSchema: "json-schema",
  strictTools: true,
  files: true,
  topK: true,
  promptCacheKey: true,
  serviceTier: true,
  user: "hash",
  reasoning: "openai",
  efforts: ["none", "minimal", "low", "medium", "high", "xhigh", "max"],
  toolResultImages: "inline",
  toolStream: true,
  prefill: "prefix",
};

const betas = ["context-management-2025-06-27", "interleaved-thinking-2025-05-14"];

function chat(override: ProfileOverride = {}, request = session): RefusedRequest {
  const all = { ...hopeful, ...override };
  const translated = toChatRequest(request, { model, profile: all });
  const body = { ...JSON.parse(JSON.stringify(translated.body)), store: false };
  return sent("chat", body, resolveProfile({ model, override: all }), request);
}

function responses(override: ProfileOverride = {}, request = session): RefusedRequest {
  const all = { ...hopeful, ...override };
  const { body } = messagesToResponses(request, { model, profile: all });
  return sent("responses", JSON.parse(JSON.stringify(body)), resolveProfile({ model, override: all }), request);
}

function native(request: object = session): RefusedRequest {
  return sent("messages", request as Record<string, unknown>, neutralNativeProfile, request);
}

function sent(dialect: string, body: object, profile: object, request: object): RefusedRequest {
  const clientText = JSON.stringify(request);
  return { dialect, body, profile, model, clientText, betas, tried: new Set() } as unknown as RefusedRequest;
}

const thinkingOff = { ...session, thinking: { type: "disabled" }, output_config: {} } as unknown as MessagesRequest;

const withReference = {
  ...session,
  messages: [
    { role: "user", content: "Look." },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "tool_reference", tool_name: "Grep" }] },
      ],
    },
  ],
};

type Case = readonly [vendor: string, error: string | UpstreamErrorText, request: RefusedRequest, profile: object];

const plain = chat({ systemRole: "system" });
const noPrefill = { ...session, messages: session.messages.slice(0, -1) };
const emptyResult = {
  ...session,
  messages: [
    { role: "user", content: "Look" },
    { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "Read", input: { path: "a" } }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "" }] },
  ],
} as unknown as MessagesRequest;
const unforced = { ...session, tool_choice: { type: "auto" } } as unknown as MessagesRequest;

/** What vendors, gateways and local servers say, each with what is to be changed. */
const cases: readonly Case[] = [
  // A system turn inside the conversation.
  ["vLLM, Qwen 3.5", "System message must be at the beginning.", plain, { midSystem: "user" }],
  [
    "llama.cpp, Qwen 3.5",
    "Unable to generate parser for this template. Automatic parser generation failed: \n------------\nWhile executing CallExpression at line 85, column 32\nin source:\n...first %}↵            {{- raise_exception('System message must be at the beginnin...\n                                           ^\nError: Jinja Exception: System message\nmust be at the beginning.",
    plain,
    { midSystem: "user" },
  ],
  [
    "a template server",
    "chat template rejected the request: System message must be at the beginning.",
    plain,
    { midSystem: "user" },
  ],
  ["a relay", "System role must appear only at the start of the conversation", plain, { midSystem: "user" }],
  ["a relay", "only one system message is allowed", plain, { midSystem: "user" }],
  ["Bedrock", "messages.4.role: role 'system' is not supported on this model", native(), { midSystem: "user" }],
  ...[
    "failed to convert tool result content: unsupported content type in ContentBlockParamUnion: tool_reference",
    'messages[4]: content[0].content: content[0] type "tool_reference" is not supported',
    "messages.3.content.0.tool_result.content.0: Input tag 'tool_reference' found using 'type' does not match any of the expected tags: 'document', 'image', 'search_result', 'text'",
    "Failed to deserialize the JSON body into the target type: messages[2].content[0].content[0].type: unknown variant `tool_reference`, expected `text` or `image`",
    "Tool reference 'mcp__db__run_sql' not found in available tools",
  ].map((words): Case => ["a relay, of tool search", words, native(withReference), { toolReferences: false }]),
  ...[
    ["deepseek-reasoner does not support this tool_choice", "never"],
    ["Thinking mode does not support this tool_choice", "without-thinking"],
    ["tool_choice 'specified' is incompatible with thinking enabled", "without-thinking"],
    ["tool_choice 'required' is incompatible with thinking enabled", "without-thinking"],
    ["Thinking may not be enabled when tool_choice forces tool use.", "without-thinking"],
    ["tool_choice forces tool use is not compatible with this model", "never"],
    ['tool_choice: type "tool" and "any" are not supported for this model.', "never"],
  ].flatMap(([words = "", forcedCalls]): Case[] => [
    ["a relay, of a forced call", words, native({ ...session, tool_choice: { type: "any" } }), { forcedCalls }],
    [
      "a relay, of a forced call without thinking",
      words,
      native({ ...session, tool_choice: { type: "tool", name: "Read" }, thinking: { type: "disabled" } }),
      { forcedCalls: "never" },
    ],
  ]),
  [
    "DeepSeek, Messages API",
    "Failed to deserialize the JSON body into the target type: messages[1].role: unknown variant `system`, expected `user` or `assistant` at line 1 column 1932",
    native(),
    { midSystem: "user" },
  ],
  [
    "an Anthropic relay",
    'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter',
    native(),
    { midSystem: "user" },
  ],
  ["a Messages gateway", "messages.4.role: Input should be 'user' or 'assistant'", native(), { midSystem: "user" }],
  ["MiniMax", "invalid params, invalid chat setting (2013)", plain, { midSystem: "user" }],
  ["Z.AI", "messages 参数非法。请检查文档。", plain, { midSystem: "user" }],
  ["a relay in Chinese", "system 消息只能放在第一条", plain, { midSystem: "user" }],
  [
    "vLLM, Mistral template",
    "After the optional system message, conversation roles must alternate user/assistant/user/assistant/...",
    plain,
    { alternate: true, midSystem: "user" },
  ],
  [
    "Gemma template",
    "Conversation roles must alternate user/assistant/user/assistant/...",
    plain,
    { alternate: true, midSystem: "user" },
  ],
  // Roles.
  [
    "Alibaba",
    "developer is not one of ['system', 'assistant', 'user', 'tool', 'function'] - 'messages.['0].role'",
    chat({}, noPrefill),
    { systemRole: "system" },
  ],
  [
    "DeepSeek",
    "Failed to deserialize the JSON body into the target type: messages[0].role: unknown variant `developer`, expected one of `system`, `user`, `assistant`, `tool`, `latest_reminder` at line 1 column 60",
    chat(),
    { systemRole: "system" },
  ],
  [
    "a new-api channel",
    "invalid parameter 'messages[0].role': invalid role 'developer', must be one of: system, user, assistant, tool",
    chat(),
    { systemRole: "system" },
  ],
  [
    "Vercel",
    {
      message: "Invalid enum value. Expected 'system' | 'user' | 'assistant' | 'tool', received 'developer'",
      param: "messages.0.role",
    },
    chat(),
    { systemRole: "system" },
  ],
  [
    "Volcengine",
    "The parameter `messages.role` specified in the request are not valid: invalid value: `developer`, supported values are: `system`, `assistant`, `user`, `tool`. Request id: 021771916881057f",
    chat(),
    { systemRole: "system" },
  ],
  [
    "a template server",
    "chat template rejected the request: Unexpected message role.",
    chat(),
    { systemRole: "system" },
  ],
  [
    "Google, Gemma",
    "Developer instruction is not enabled for models/gemma-3-27b-it",
    chat({ midSystem: "user", systemRole: "system" }),
    { systemRole: "user", alternate: true },
  ],
  [
    "Gemma 2 template",
    "System role not supported",
    chat({ midSystem: "user", systemRole: "system" }),
    { systemRole: "user", alternate: true },
  ],
  [
    "OpenAI, o1-mini",
    {
      message: "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
      param: "messages[0].role",
      code: "unsupported_value",
    },
    chat({ midSystem: "user", systemRole: "system" }),
    { systemRole: "user", alternate: true },
  ],
  [
    "Mistral",
    "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant",
    chat({ prefill: "pass" }),
    { prefill: "prefix" },
  ],
  [
    "Claude at a relay",
    "This model does not support assistant message prefill. The conversation must end with a user message.",
    plain,
    { prefill: "drop" },
  ],
  ["llama.cpp", "Cannot have 2 or more assistant messages at the end of the list.", plain, { prefill: "drop" }],
  ["Mistral", "Unexpected role 'user' after role 'tool'", plain, { bridgeAfterTools: true }],
  // Images.
  [
    "Ollama",
    "this model does not support image input (ref: b8bd630e-4a39-4b57-82af-9158ee9d5703)",
    plain,
    { images: false },
  ],
  ["Ollama", "this model is missing data required for image input", plain, { images: false }],
  ["OpenRouter", "No endpoints found that support image input", plain, { images: false }],
  [
    "DeepSeek",
    "Failed to deserialize the JSON body into the target type: messages[3]: unknown variant `image_url`, expected `text` at line 1 column 814913",
    plain,
    { images: false },
  ],
  [
    "opencode zen",
    'Error from provider (Console Go): Upstream request failed: [invalid_request_error] Failed to deserialize the JSON body into the target type: messages[3]: unknown variant "image_url", expected "text" at line 1 column 814913',
    plain,
    { images: false },
  ],
  ["OpenAI", "Invalid content type. image_url is only supported by certain models.", plain, { images: false }],
  ["vLLM", "hcp-latest is not a multimodal model", plain, { images: false }],
  ["vLLM", "At most 0 image(s) may be provided in one prompt.", plain, { images: false }],
  [
    "llama.cpp",
    "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
    plain,
    { images: false },
  ],
  ["LM Studio", "Model does not support images. Please use a model that does.", plain, { images: false }],
  ["Z.AI", "messages.content.type 参数非法，取值范围 ['text']", plain, { images: false }],
  ["a relay in Chinese", "当前模型不支持图片输入", plain, { images: false }],
  ["Mistral", "Image input is not enabled for this model", plain, { images: false }],
  [
    "Bedrock",
    "This model doesn't support the image content block that you provided. Update the content block and try again.",
    native(),
    { images: false },
  ],
  ["Moonshot", "Invalid request: the model does not support vision input", plain, { images: false }],
  ["Cerebras", "Content type 'image_url' is not supported by model hcp-latest.", plain, { images: false }],
  ["GitHub Copilot", "vision is not supported for this model", plain, { images: false }],
  [
    "a pydantic server",
    "Input tag 'image_url' found using 'type' does not match any of the expected tags: 'text'",
    plain,
    { images: false },
  ],
  ["a text-only server", "This endpoint only supports text content", plain, { images: false }],
  [
    "OpenAI, Responses",
    {
      message: "Invalid value: 'input_image'. Supported values are: 'input_text'.",
      param: "input[0].content[1].type",
      code: "invalid_value",
    },
    responses(),
    { images: false },
  ],
  ["an Anthropic gateway", "messages.0.content.1: image blocks are not supported", native(), { images: false }],
  // Files.
  [
    "Alibaba",
    "Invalid value: file. Supported values are: 'text','image_url','video_url' and 'video'.",
    plain,
    { files: false },
  ],
  [
    "DeepSeek",
    "messages[1]: unknown variant `file`, expected `text` or `image_url` at line 1 column 99",
    plain,
    { files: false },
  ],
  ["Bedrock", "This model doesn't support documents.", native(), { files: false }],
  ["a relay", "PDF input is not supported by this model", plain, { files: false }],
  ["OpenRouter", "No endpoints found that support file input", plain, { files: false }],
  // Contents.
  [
    "DeepSeek",
    "Failed to deserialize the JSON body into the target type: messages[19]: invalid type: sequence, expected a string at line 1 column 9837",
    plain,
    { contentParts: false },
  ],
  [
    "Ollama",
    "json: cannot unmarshal array into Go struct field Message.messages.content of type string",
    plain,
    { contentParts: false },
  ],
  [
    "IONOS",
    "JSON format issue: expected string at field messages.content got instead array",
    plain,
    { contentParts: false },
  ],
  [
    "Azure",
    {
      message: "Invalid type for 'messages[0].content': expected a string, but got an array instead.",
      param: "messages[0].content",
    },
    plain,
    { contentParts: false },
  ],
  [
    "Groq",
    "'messages.0' : for 'role:user' the following must be satisfied[('messages.0.content' : value must be a string)]",
    plain,
    { contentParts: false },
  ],
  // Tool choice.
  [
    "LM Studio",
    "Invalid tool_choice type: 'object'. Supported string values: none, auto, required",
    plain,
    { toolChoice: "required" },
  ],
  [
    "Alibaba",
    "<400> InternalError.Algo.InvalidParameter: The tool_choice parameter does not support being set to required or object in thinking mode",
    plain,
    { toolChoice: "auto" },
  ],
  ["DeepSeek", "Thinking mode does not support this tool_choice", plain, { toolChoice: "required" }],
  [
    "DeepSeek, once more",
    "Thinking mode does not support this tool_choice",
    chat({ toolChoice: "required", systemRole: "system" }),
    { toolChoice: "auto" },
  ],
  ["DeepSeek", "deepseek-reasoner does not support this tool_choice", plain, { toolChoice: "required" }],
  ["Moonshot", "tool_choice 'specified' is incompatible with thinking enabled", plain, { toolChoice: "required" }],
  [
    "Moonshot",
    "tool_choice 'required' is incompatible with thinking enabled",
    chat({ toolChoice: "required", systemRole: "system" }),
    { toolChoice: "auto" },
  ],
  ["Z.AI", "tool_choice 只支持 auto", plain, { toolChoice: "auto" }],
  ["a relay", "Only 'auto' and 'none' are supported for tool_choice.", plain, { toolChoice: "auto" }],
  // Strict.
  [
    "Cerebras",
    "Tools with mixed values for 'strict' are not allowed. Please set all tools to 'strict: true' or all to 'strict: false'",
    plain,
    { strictTools: false },
  ],
  [
    "a relay",
    {
      message: "Unknown parameter: 'tools[0].function.strict'.",
      param: "tools[0].function.strict",
      code: "unknown_parameter",
    },
    plain,
    { strictTools: false },
  ],
  [
    "Mistral",
    "body -> tools -> 1 -> function -> strict: Extra inputs are not permitted",
    plain,
    { strictTools: false },
  ],
  [
    "OpenAI",
    "Invalid schema for function 'Strict': In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'b'.",
    plain,
    { strictTools: false },
  ],
  // Schemas.
  [
    "Moonshot",
    "Invalid request: tools.function.parameters is not a valid moonshot flavored json schema, details: <At path 'properties.source': type is not defined>",
    plain,
    { toolSchema: "common" },
  ],
  [
    "Gemini",
    "Invalid JSON payload received. Unknown name \"additionalProperties\" at 'tools[0].function_declarations[0].parameters': Cannot find field.",
    plain,
    { omitSchema: ["additionalProperties"] },
  ],
  [
    "Vertex",
    "* GenerateContentRequest.tools[0].function_declarations[1].parameters.properties[path].format: only 'enum' and 'date-time' are supported for STRING type",
    plain,
    { omitSchema: ["format"] },
  ],
  [
    "Fireworks",
    "JSON Schema not supported: could not understand the instance `{'required': ['criteria']}`.",
    plain,
    { toolSchema: "common" },
  ],
  ["Cerebras", "Unsupported JSON schema fields: {'minLength'}", plain, { omitSchema: ["minLength"] }],
  ["llguidance", 'Grammar error: Unimplemented keys: ["format"]', plain, { omitSchema: ["format"] }],
  [
    "vLLM, xgrammar",
    "The provided JSON schema contains features not supported by xgrammar.",
    plain,
    { toolSchema: "common" },
  ],
  [
    "OpenAI",
    {
      message: "Invalid schema for function 'Read': schema must have a 'type' key.",
      param: "tools[0].function.parameters",
      code: "invalid_function_parameters",
    },
    plain,
    { toolSchema: "common" },
  ],
  [
    "Groq",
    "invalid JSON schema for tool Read, tools[0].function.parameters: `/properties/path/default`: not allowed",
    plain,
    { omitSchema: ["default"] },
  ],
  [
    "Anthropic behind a gateway",
    "tools.0.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12",
    native(),
    { toolSchema: "common" },
  ],
  [
    "a common profile",
    "Invalid schema for function 'Read': anyOf is not supported",
    chat({ toolSchema: "common", systemRole: "system" }),
    { omitSchema: ["anyOf"] },
  ],
  // Members.
  [
    "OpenAI",
    { message: "Unknown parameter: 'store'.", param: "store", code: "unknown_parameter" },
    plain,
    { omit: ["store"] },
  ],
  [
    "OpenAI",
    {
      message: "Unsupported parameter: 'parallel_tool_calls' is not supported with this model.",
      param: "parallel_tool_calls",
      code: "unsupported_parameter",
    },
    plain,
    { parallelToolCalls: false },
  ],
  ["Azure", "Unrecognized request argument supplied: stream_options", plain, { streamUsage: false }],
  ["Mistral", "prompt_cache_key: Extra inputs are not permitted", plain, { promptCacheKey: false }],
  [
    "vLLM",
    "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted', 'input': {'include_usage': True}}]",
    plain,
    { streamUsage: false },
  ],
  ["Groq", "property 'service_tier' is unsupported", plain, { serviceTier: false }],
  ["Gemini", 'Invalid JSON payload received. Unknown name "store": Cannot find field.', plain, { omit: ["store"] }],
  [
    "serde",
    "Failed to deserialize the JSON body into the target type: unknown field `tool_stream`, expected one of `model`, `messages` at line 1 column 20",
    plain,
    { toolStream: false },
  ],
  ["zod", "Unrecognized key(s) in object: 'store', 'user'", plain, { omit: ["store"], user: "drop" }],
  ["jsonschema", "Additional properties are not allowed ('store' was unexpected)", plain, { omit: ["store"] }],
  [
    "Python",
    "AsyncCompletions.create() got an unexpected keyword argument 'parallel_tool_calls'",
    plain,
    { parallelToolCalls: false },
  ],
  [
    "LiteLLM",
    "litellm.UnsupportedParamsError: azure does not support parameters: ['parallel_tool_calls'], for model=hcp-latest. To drop these, set `litellm.drop_params=True`",
    plain,
    { parallelToolCalls: false },
  ],
  ["xAI", "Model hcp-latest does not support parameter stop.", plain, { stopLimit: 0 }],
  ["xAI", "Argument not supported on this model: stop", plain, { stopLimit: 0 }],
  ["OpenAI", "Unsupported parameter: 'top_p' is not supported with this model.", plain, { omit: ["top_p"] }],
  ["Claude at a relay", "`temperature` is deprecated for this model.", plain, { omit: ["temperature"] }],
  [
    "Claude at a relay",
    "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
    plain,
    { omit: ["top_p"] },
  ],
  ["a relay in Chinese", "不支持的参数：user", plain, { user: "drop" }],
  [
    "OpenAI, Responses",
    { message: "Unknown parameter: 'include'.", param: "include", code: "unknown_parameter" },
    responses(),
    { omit: ["include"] },
  ],
  [
    "OpenAI, Responses",
    {
      message: "Unsupported parameter: 'reasoning.summary' is not supported with this model.",
      param: "reasoning.summary",
    },
    responses(),
    { reasoningSummary: false },
  ],
  [
    "OpenAI, Responses",
    { message: "Encrypted content is not supported with this model.", param: "include", code: "invalid_request_error" },
    responses(),
    { encryptedReasoning: false },
  ],
  [
    "OpenAI, Responses",
    { message: "Unsupported parameter: 'top_p' is not supported with this model.", param: "top_p" },
    responses(),
    { omit: ["top_p"] },
  ],
  [
    "Bedrock",
    "context_management: Extra inputs are not permitted",
    native({ ...session, context_management: {} }),
    { omit: ["context_management"] },
  ],
  ["Vertex", "tools.0.custom.strict: Extra inputs are not permitted", native(), { omit: ["tools.*.strict"] }],
  ["Bedrock", "output_config.effort: Extra inputs are not permitted", native(), { omit: ["output_config.effort"] }],
  ["Bedrock", "invalid beta flag", native(), { betas: [] }],
  [
    "an Anthropic gateway",
    "Unexpected value(s) `context-management-2025-06-27` for the `anthropic-beta` header. Please consult our documentation",
    native(),
    { omitBetas: ["context-management-2025-06-27"] },
  ],
  // Names and values.
  [
    "OpenAI",
    {
      message:
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      param: "max_tokens",
      code: "unsupported_parameter",
    },
    plain,
    { maxTokensField: "max_completion_tokens" },
  ],
  [
    "vLLM",
    "[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), 'msg': 'Extra inputs are not permitted', 'input': 8192}]",
    chat({ maxTokensField: "max_completion_tokens", systemRole: "system" }),
    { maxTokensField: "max_tokens" },
  ],
  [
    "OpenAI",
    {
      message:
        "Unsupported value: 'reasoning_effort' does not support 'xhigh' with this model. Supported values are: 'low', 'medium', and 'high'.",
      param: "reasoning_effort",
      code: "unsupported_value",
    },
    plain,
    { efforts: ["low", "medium", "high"] },
  ],
  [
    "SGLang",
    "1 validation error: {'type': 'literal_error', 'loc': ('body', 'reasoning_effort'), 'msg': \"Input should be 'low', 'medium' or 'high'\", 'input': 'xhigh'}",
    plain,
    { efforts: ["low", "medium", "high"] },
  ],
  [
    "a relay",
    'level "xhigh" not supported, valid levels: low, medium, high',
    plain,
    { efforts: ["low", "medium", "high"] },
  ],
  [
    "Mistral",
    "reasoning_effort 'xhigh' is not supported for this model; must be one of ['low', 'high', 'max']",
    plain,
    { efforts: ["low", "high", "max"] },
  ],
  ["Groq", "`reasoning_effort` must be one of `none` or `default`", plain, { efforts: ["none"] }],
  [
    "OpenAI, Responses",
    {
      message:
        "Unsupported value: 'xhigh' is not supported with the 'hcp-latest' model. Supported values are: 'medium'.",
      param: "reasoning.effort",
      code: "unsupported_value",
    },
    responses(),
    { efforts: ["medium"] },
  ],
  ["Groq", "`reasoning_effort` is not supported with this model", plain, { reasoning: "none" }],
  [
    "OpenAI",
    {
      message:
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
      param: "temperature",
      code: "unsupported_value",
    },
    plain,
    { omit: ["temperature"] },
  ],
  ["Moonshot", "invalid temperature: only 1 is allowed for this model", plain, { omit: ["temperature"] }],
  ["a relay", "temperature must be between 0.5 and 1.5", plain, { temperatureRange: [0.5, 1.5] }],
  [
    "OpenAI",
    {
      message:
        "Invalid 'stop': array too long. Expected an array with maximum length 2, but got an array with length 4 instead.",
      param: "stop",
      code: "array_above_max_length",
    },
    plain,
    { stopLimit: 2 },
  ],
  [
    "OpenAI",
    "Invalid 'tools': array too long. Expected an array with maximum length 1, but got an array with length 2 instead.",
    plain,
    { maxTools: 1 },
  ],
  [
    "Mistral",
    "Tool call id was toolu_1 but must be a-z, A-Z, 0-9, with a length of 9.",
    plain,
    { toolIdFormat: "mistral" },
  ],
  [
    "OpenAI",
    {
      message:
        "Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a string with length 60 instead.",
      param: "messages[2].tool_calls[0].id",
    },
    plain,
    { toolIdLimit: 40 },
  ],
  [
    "Claude at a relay",
    "messages.2.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    plain,
    { toolIdFormat: "plain" },
  ],
  // Thinking.
  [
    "Moonshot",
    "invalid thinking: only type=enabled is allowed for this model",
    chat({ reasoning: "zai" }, thinkingOff),
    { thinkingOff: false },
  ],
  [
    "OpenRouter",
    "Reasoning is mandatory for this endpoint and cannot be disabled.",
    chat({}, thinkingOff),
    { thinkingOff: false, efforts: ["minimal", "low", "medium", "high", "xhigh", "max"] },
  ],
  ["Z.AI", "该模型不支持关闭思考", chat({ reasoning: "zai" }, thinkingOff), { thinkingOff: false }],
  [
    "Alibaba",
    "parameter.enable_thinking must be set to false for non-streaming calls",
    chat({ reasoning: "none", systemRole: "system" }),
    { reasoning: "qwen" },
  ],
  ["Ollama", '"hcp-latest" does not support thinking', plain, { reasoning: "none" }],
  [
    "DeepSeek",
    "The `reasoning_content` in the thinking mode must be passed back to the API.",
    plain,
    { reasoningHistory: "reasoning_content" },
  ],
  [
    "Moonshot",
    "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2",
    plain,
    { reasoningHistory: "reasoning_content" },
  ],
  // The format of the answer.
  [
    "DeepSeek",
    "This response_format type is unavailable now",
    chat({ systemRole: "system" }, unforced),
    { jsonSchema: false },
  ],
  [
    "OpenAI",
    "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
    plain,
    { jsonSchema: false },
  ],
  [
    "LM Studio",
    "'response_format.type' must be 'json_schema' or 'text'",
    chat({ jsonSchema: false, systemRole: "system" }),
    { jsonSchema: true },
  ],
  // Reports of 2026 of gateways and local servers.
  [
    "SGLang",
    "1 validation error: {'type': 'literal_error', 'loc': ('body', 'messages', 3, 'ChatCompletionMessageGenericParam', 'role'), 'msg': \"Input should be 'assistant' or 'tool'\", 'input': 'system'}",
    plain,
    { midSystem: "user" },
  ],
  [
    "vLLM",
    "[{'type': 'literal_error', 'loc': ('body', 'messages', 0, 'role'), 'msg': \"Input should be 'system'\", 'input': 'developer'}]",
    chat(),
    { systemRole: "system" },
  ],
  ["Gemini", "Please use a valid role: user, model.", plain, { midSystem: "user" }],
  [
    "Perplexity",
    "After the (optional) system message(s), user or tool message(s) should alternate with assistant message(s).",
    plain,
    { alternate: true, midSystem: "user" },
  ],
  ["Ollama, older", "invalid message content type: []interface {}", plain, { contentParts: false }],
  [
    "Workers AI",
    "AiError: Bad input: Error: oneOf at '/' not met, 0 matches: Type mismatch of '/messages/0/content', 'array' not in 'string'",
    plain,
    { contentParts: false },
  ],
  ["a relay", "invalid function call parameters", plain, { toolSchema: "common" }],
  ["a relay", "provider rejected the request schema or tool payload", plain, { toolSchema: "common" }],
  [
    "new-api",
    "json: cannot unmarshal object into Go struct field GeneralOpenAIRequest.tool_choice of type string",
    plain,
    { toolChoice: "required" },
  ],
  [
    "Gemini",
    "Function calling with a response mime type: 'application/json' is unsupported",
    plain,
    { jsonSchema: false },
  ],
  [
    "Ollama",
    'think value "xhigh" is not supported for this model',
    plain,
    { efforts: ["none", "minimal", "low", "medium", "high", "max"] },
  ],
  [
    "OpenAI",
    "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions.",
    plain,
    { effortWithTools: false },
  ],
  ["xAI", "Model grok-4 does not support parameter reasoningEffort.", plain, { reasoning: "none" }],
  ["xAI", "Argument not supported on this model: topP", plain, { omit: ["top_p"] }],
  ["a relay", "`top_p` is not supported for reasoning models", plain, { omit: ["top_p"] }],
  [
    "Claude behind a gateway",
    "Thinking may not be enabled when tool_choice forces tool use.",
    plain,
    { toolChoice: "auto" },
  ],
  [
    "Gemini",
    "Budget 0 is invalid. This model only works in thinking mode.",
    chat({ efforts: ["none", "low", "high"] }, thinkingOff),
    { thinkingOff: false, efforts: ["low", "high"] },
  ],
  [
    "OpenAI",
    "Invalid 'user': string too long. Expected a string with maximum length 64, but got a string with length 80 instead.",
    plain,
    { user: "drop" },
  ],
  [
    "OpenAI",
    "Invalid 'prompt_cache_key': string too long. Expected a string with maximum length 64, but got a string with length 80 instead.",
    plain,
    { promptCacheKey: false },
  ],
  [
    "OpenAI, without verification",
    "Your organization must be verified to generate reasoning summaries. Please go to: https://platform.openai.com/settings/organization/general",
    responses(),
    { reasoningSummary: false },
  ],
  [
    "a relay of the Messages API",
    "thinking.type: Input tag 'enabled' found using 'type' does not match any of the expected tags: 'disabled'",
    native(),
    { omit: ["thinking"] },
  ],
  // Wordings of vendors and gateways, each of another form than those above.
  ["SGLang", "Model does not support image inputs. Multimodal processing disabled.", plain, { images: false }],
  ["StepFun", "model not support vision", plain, { images: false }],
  [
    "Alibaba",
    "<400> InternalError.Algo.InvalidParameter: The provided messages input is invalid: type is not text",
    plain,
    { images: false },
  ],
  ["Z.AI", "API 调用参数有误，请检查文档。messages.content.type类型错误", plain, { images: false }],
  [
    "TGI",
    "Failed to deserialize the JSON body into the target type: messages[1].content: data did not match any variant of untagged enum MessageContent at line 1 column 300",
    plain,
    { images: false },
  ],
  [
    "TGI, once more",
    "Failed to deserialize the JSON body into the target type: messages[1].content: data did not match any variant of untagged enum MessageContent at line 1 column 300",
    chat({ images: false, files: false, systemRole: "system" }),
    { contentParts: false },
  ],
  [
    "Mistral",
    "Expected last role User or Tool (or Assistant with prefix True) for serving but got system",
    plain,
    { midSystem: "user" },
  ],
  ["Baidu", "the role of message with index 5 must be user", plain, { alternate: true, midSystem: "user" }],
  ["Tencent", "Messages 中 system 角色应位于列表的最开始", plain, { midSystem: "user" }],
  [
    "Tencent",
    "messages 中 user 和 assistant 需要交替出现，以 user 结尾",
    plain,
    { alternate: true, midSystem: "user" },
  ],
  ["Spark", "InvalidParamError: system role only allow first", plain, { midSystem: "user" }],
  ["Friendli", "Only the first message can be a system message", plain, { midSystem: "user" }],
  ["a relay", "Please ensure that system messages come before other messages.", plain, { midSystem: "user" }],
  [
    "Bedrock",
    "This model doesn't support the toolConfig.toolChoice.tool field. Remove toolConfig.toolChoice.tool and try again.",
    plain,
    { toolChoice: "required" },
  ],
  ["Cohere", "unknown field: parameter 'user' is not a valid field", plain, { user: "drop" }],
  [
    "zod 4",
    String.raw`[ { "code": "unrecognized_keys", "message": "Unrecognized key: \"user\"" } ]`,
    plain,
    { user: "drop" },
  ],
  ["class-validator", "property user should not exist", plain, { user: "drop" }],
  [
    "LiteLLM, of several",
    "litellm.UnsupportedParamsError: cohere_chat does not support parameters: ['user', 'store', 'parallel_tool_calls', 'top_p'], for model=command-a. To drop these, set `litellm.drop_params=True`",
    plain,
    { user: "drop", parallelToolCalls: false, omit: ["store", "top_p"] },
  ],
  [
    "a server that lists what it knows",
    "unknown field `user`, expected one of `model`, `messages`, `top_p`, `temperature`",
    plain,
    { user: "drop" },
  ],
  ["Baidu", "top_p must be in (0, 0.8]", plain, { omit: ["top_p"] }],
  [
    "Ollama",
    'invalid reasoning value: \'xhigh\' (must be "high", "medium", "low", or "none")',
    plain,
    { efforts: ["none", "low", "medium", "high"] },
  ],
  [
    "GitHub Copilot",
    'reasoning_effort "xhigh" was provided, but model hcp-latest does not support reasoning effort.',
    plain,
    { reasoning: "none" },
  ],
  [
    "Vertex",
    "Unable to submit request because `Read` functionDeclaration `parameters.path` schema didn't specify the schema type field.",
    plain,
    { toolSchema: "common" },
  ],
  [
    "Cerebras",
    '"tools" is incompatible with "response_format"',
    plain,
    { jsonSchema: false, omit: ["response_format"] },
  ],
  [
    "Groq",
    "json mode cannot be combined with tool/function calling",
    plain,
    { jsonSchema: false, omit: ["response_format"] },
  ],
  ["a pydantic server", "response_format.type: Input should be 'text' or 'json_object'", plain, { jsonSchema: false }],
  [
    "a Rust server",
    "Failed to deserialize the JSON body into the target type: response_format: unknown variant `json_schema`, expected `text` or `json_object` at line 1 column 9",
    plain,
    { jsonSchema: false },
  ],
  [
    "a relay",
    "messages.3: content must not be empty",
    chat({ systemRole: "system" }, emptyResult),
    { emptyToolResult: "(no output)" },
  ],
  [
    "a relay of Responses",
    "input[3].output: text content blocks must be non-empty",
    responses({}, emptyResult),
    { emptyToolResult: "(no output)" },
  ],
  // Relays of the Messages API.
  ["Z.AI", "messages[3].role 角色信息不正确", native(), { midSystem: "user" }],
  [
    "a Rust relay",
    "thinking.type: unknown variant `adaptive`, expected `enabled` or `disabled` at line 1 column 9",
    native(),
    { omit: ["thinking"] },
  ],
  [
    "a relay",
    "output_config.effort: Input should be 'low', 'medium' or 'high'",
    native(),
    { omit: ["output_config.effort"] },
  ],
  [
    "a relay",
    "effort 'xhigh' is not supported by this model. Supported values: low, medium, high, max",
    native(),
    { omit: ["output_config.effort"] },
  ],
  ["a relay", "metadata.user_id: String should have at most 64 characters", native(), { userId: "hash" }],
  ["DeepSeek", "metadata.user_id: String should match pattern '^[a-zA-Z0-9_-]+$'", native(), { userId: "hash" }],
  ["Z.AI", "user_id 参数长度应在 6-128 个字符", native(), { userId: "hash" }],
  [
    "a pydantic relay",
    "messages.1.content.0: Input tag 'document' found using 'type' does not match any of the expected tags: 'text', 'image', 'tool_use', 'tool_result'",
    native(),
    { files: false },
  ],
  [
    "a Rust relay",
    "messages[1].content[0]: unknown variant `document`, expected one of `text`, `image`, `tool_use`, `tool_result`, `thinking`",
    native(),
    { files: false },
  ],
  [
    "a pydantic relay that knows documents",
    "messages.0.content.1: Input tag 'image' found using 'type' does not match any of the expected tags: 'text', 'document', 'tool_use'",
    native(),
    { images: false },
  ],
];

describe("the table of refusals", () => {
  it.each(cases)("learns from %s: %j", (_vendor, error, request, profile) => {
    const text = typeof error === "string" ? { message: error } : error;
    expect(readLesson(text, request)?.profile).toEqual(profile);
  });

  it.each(cases)("learns through a relay from %s: %j", (_vendor, error, request, profile) => {
    const text = typeof error === "string" ? { message: error } : error;
    const message = `litellm.BadRequestError: Error from provider: ${text.message} (request id: 20260101abc)`;
    expect(readLesson({ ...text, message }, request)?.profile).toEqual(profile);
  });

  it("takes no type that stands in every refusal for a word about the parameter", () => {
    const message = "Must be less than or equal to 8192";
    for (const type of ["invalid_request_error", "BadRequestError", "invalid_request", "bad_request"]) {
      for (const param of ["max_tokens", "messages", "tool_choice", "top_p", "temperature", "reasoning_effort"]) {
        const lesson = readLesson({ message: "Something is wrong with it.", type, param }, plain);
        expect(lesson, `${type} ${param}`).toBeUndefined();
      }
      expect(readLesson({ message, type, param: "max_tokens" }, plain)).toBeUndefined();
    }
  });

  it("has a row for every lesson that is named, each once", () => {
    const ids = refusalRows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(cases)("says the same once, and nothing that it has tried: %s: %j", (_vendor, error, request) => {
    const text = typeof error === "string" ? { message: error } : error;
    const first = readLesson(text, request);
    const again = readLesson(text, { ...request, tried: new Set([first?.id ?? ""]) });
    expect(again?.id).not.toBe(first?.id);
  });
});

describe("what does not teach", () => {
  it.each<readonly [string, string, RefusedRequest]>([
    ["an image that is too large", "image exceeds 5 MB maximum: 6291456 bytes > 5242880 bytes", plain],
    ["an image in a wrong form", "Invalid image: unsupported media type image/tiff is not supported", plain],
    ["an image that cannot be loaded", "Failed to download image from https://x.test/a.png: not supported", plain],
    ["an image that could not be processed", "Image not supported: error processing the upload", plain],
    ["a model", "The model `hcp-latest` is not supported", plain],
    ["a model in other words", "Model hcp-latest does not support messages", plain],
    ["a member that was not sent", "Unknown parameter: 'frequency_penalty'.", plain],
    ["a member that nothing works without", "Unsupported parameter: 'messages' is not supported", plain],
    ["tools", "registry.ollama.ai/library/x does not support tools", plain],
    ["a missing member", "messages: field required", plain],
    ["the size of max_tokens", "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", plain],
    ["a prompt that is too long", "This model's maximum context length is 8192 tokens.", plain],
    ["an ordinary refusal", "Bad Request", plain],
    ["nothing", "Provider returned error", plain],
    [
      "a system message that nobody sent inside",
      "System message must be at the beginning.",
      chat({ midSystem: "user", systemRole: "system" }),
    ],
  ])("%s", (_name, message, request) => {
    expect(readLesson({ message }, request)).toBeUndefined();
  });

  it("is what the client said itself, wherever an error repeats it", () => {
    for (const [, error, request] of cases) {
      const said = typeof error === "string" ? error : error.message;
      const quoted = { ...request, clientText: JSON.stringify({ messages: [{ role: "user", content: said }] }) };
      for (const message of [
        `The prompt was flagged by our policy: ${said}`,
        `Your request could not be processed, content: "${said}"`,
        `Blocked by content filter [${said}]`,
      ]) {
        expect(readLesson({ message }, quoted)?.profile, message).toBeUndefined();
      }
    }
  });
});

describe("a lesson", () => {
  it("adds to lists and replaces all else", () => {
    const lessons = [
      { id: "member:a", profile: { omit: ["a"] } },
      { id: "member:b", profile: { omit: ["b"], midSystem: "user" } },
    ];
    expect(lessonProfile({ omit: ["x"], midSystem: "system" }, lessons)).toEqual({
      omit: ["x", "a", "b"],
      midSystem: "user",
    });
  });
});
