/**
 * Treatment of a part of a Responses request in the neutral model.
 *
 * - `carried`: the provider is told.
 * - `no effect`: the answer does not depend on it, so that it is left out silently.
 * - `warned`: left out with a warning.
 * - `refused`: the request is answered with 400, because the answer would be wrong.
 */
export type FieldFate = "carried" | "no effect" | "warned" | "refused";

/** One row of the table of a Responses request. */
export interface ClientField {
  readonly fate: FieldFate;
  /**
   * Member that it goes to, or the reason why it does not. For a refused field this is the text of the error, after
   * the path.
   */
  readonly how: string;
}

type ClientFields = Readonly<Record<string, ClientField>>;

/** The members of the request body. A member that is not listed is left out with a warning. */
export const requestFields: ClientFields = {
  model: { fate: "carried", how: "`model`" },
  input: { fate: "carried", how: "`messages`; see the items below" },
  instructions: { fate: "carried", how: "the first block of `system`" },
  stream: { fate: "carried", how: "`stream`" },
  max_output_tokens: { fate: "carried", how: "`max_tokens`" },
  temperature: {
    fate: "carried",
    how: "`temperature`; above 1 it becomes 1, with a warning; left out with a warning beside reasoning",
  },
  top_p: { fate: "carried", how: "`top_p`; 1 (the default) is left out; left out with a warning beside reasoning" },
  tools: { fate: "carried", how: "`tools`; see the tools below" },
  tool_choice: { fate: "carried", how: "`tool_choice`; `allowed_tools` also shortens `tools`" },
  parallel_tool_calls: { fate: "carried", how: "false: `tool_choice.disable_parallel_tool_use`" },
  max_tool_calls: { fate: "carried", how: "`max_uses` of the web search, the only tool that a provider runs" },
  reasoning: {
    fate: "carried",
    how: "`thinking` and `output_config.effort`; effort `minimal` becomes `low`, with a warning",
  },
  text: {
    fate: "carried",
    how: "a JSON schema: `output_config.format`; `json_object`: an instruction, with a warning; `verbosity`: an extra",
  },
  metadata: { fate: "carried", how: "an extra" },
  user: { fate: "carried", how: "`metadata.user_id` and an extra" },
  safety_identifier: { fate: "carried", how: "`metadata.user_id` and an extra" },
  service_tier: { fate: "carried", how: "an extra" },
  prompt_cache_key: { fate: "carried", how: "an extra" },
  prompt_cache_retention: { fate: "carried", how: "an extra" },
  truncation: { fate: "carried", how: "an extra" },
  include: { fate: "carried", how: "an extra; see the values below" },
  presence_penalty: { fate: "carried", how: "an extra" },
  frequency_penalty: { fate: "carried", how: "an extra" },
  store: { fate: "carried", how: "an extra; true is warned about: the answer is not stored here" },
  stream_options: { fate: "no effect", how: "`include_obfuscation` pads events against eavesdroppers" },
  client_metadata: { fate: "no effect", how: "telemetry of the client" },
  background_options: { fate: "no effect", how: "when a background response is due; those are refused" },
  prompt_cache_options: { fate: "warned", how: "no provider of another API has it" },
  context_management: { fate: "warned", how: "the conversation is not compacted" },
  moderation: { fate: "warned", how: "the answer holds no moderation result" },
  access_programs: { fate: "warned", how: "no provider of another API has it" },
  image: { fate: "warned", how: "no provider of another API has it" },
  background: { fate: "refused", how: "background responses are not supported; leave it out or set it to false" },
  previous_response_id: {
    fate: "refused",
    how: "no provider that can be asked holds it; send the whole conversation as input",
  },
  conversation: {
    fate: "refused",
    how: "no provider that can be asked holds it; send the whole conversation as input",
  },
  prompt: { fate: "refused", how: "stored prompts are not supported; send instructions and input" },
  top_logprobs: { fate: "refused", how: "log probabilities are not supported; leave it out or set it to 0" },
};

/** The types of items in `input`. An item of a type that is not listed is left out with a warning. */
export const itemFields: ClientFields = {
  message: { fate: "carried", how: "a turn; `system` and `developer` at the beginning go into `system`" },
  function_call: { fate: "carried", how: "`tool_use`" },
  function_call_output: { fate: "carried", how: "`tool_result`" },
  custom_tool_call: { fate: "carried", how: "`tool_use` with the member `input`" },
  custom_tool_call_output: { fate: "carried", how: "`tool_result`" },
  local_shell_call: { fate: "carried", how: "`tool_use` of `local_shell`" },
  local_shell_call_output: { fate: "carried", how: "`tool_result`" },
  shell_call: { fate: "carried", how: "`tool_use` of `shell`" },
  shell_call_output: { fate: "carried", how: "`tool_result`" },
  apply_patch_call: { fate: "carried", how: "`tool_use` of `apply_patch`" },
  apply_patch_call_output: { fate: "carried", how: "`tool_result`" },
  tool_search_call: { fate: "carried", how: "`tool_use` of `tool_search`; a search that the server made is left out" },
  tool_search_output: { fate: "carried", how: "`tool_result`; the tools that were found join `tools`" },
  additional_tools: { fate: "carried", how: "the tools join `tools`" },
  reasoning: {
    fate: "carried",
    how: "`thinking` or `redacted_thinking`; OpenAI's own goes back only to a Responses provider",
  },
  web_search_call: { fate: "warned", how: "what the search found stands in the text that followed" },
  file_search_call: { fate: "warned", how: "what the search found stands in the text that followed" },
  code_interpreter_call: { fate: "warned", how: "what the code did stands in the text that followed" },
  image_generation_call: { fate: "warned", how: "images of the assistant cannot be sent" },
  computer_call: { fate: "warned", how: "the computer tool cannot be sent" },
  computer_call_output: { fate: "warned", how: "the computer tool cannot be sent" },
  mcp_list_tools: { fate: "warned", how: "the provider calls no MCP server" },
  mcp_call: { fate: "warned", how: "the provider calls no MCP server" },
  mcp_approval_request: { fate: "warned", how: "the provider calls no MCP server" },
  mcp_approval_response: { fate: "warned", how: "the provider calls no MCP server" },
  program: { fate: "warned", how: "programmatic tool calls cannot be sent" },
  program_output: { fate: "warned", how: "programmatic tool calls cannot be sent" },
  configuration_update: { fate: "warned", how: "no provider of another API has it" },
  ghost_snapshot: { fate: "no effect", how: "bookkeeping of Codex" },
  compaction: {
    fate: "refused",
    how: "only the provider that compacted this conversation can read it; send the conversation itself",
  },
  compaction_summary: {
    fate: "refused",
    how: "only the provider that compacted this conversation can read it; send the conversation itself",
  },
  context_compaction: {
    fate: "refused",
    how: "only the provider that compacted this conversation can read it; send the conversation itself",
  },
  compaction_trigger: { fate: "refused", how: "the conversation cannot be compacted by this provider" },
  item_reference: {
    fate: "refused",
    how: "this item is not known here: ccpb keeps the items of its own answers for a while, unless `store` is false; send the item itself, or ask the client not to store (`store: false`)",
  },
};

/** The types of content parts. A part of a type that is not listed is left out with a warning. */
export const partFields: ClientFields = {
  input_text: { fate: "carried", how: "`text`; a `prompt_cache_breakpoint` becomes `cache_control`" },
  output_text: { fate: "carried", how: "`text`; annotations are left out" },
  text: { fate: "carried", how: "`text`" },
  summary_text: { fate: "carried", how: "`text`" },
  reasoning_text: { fate: "carried", how: "`text`" },
  refusal: { fate: "carried", how: "`text`" },
  input_image: {
    fate: "carried",
    how: "`image` with a base64 or URL source; `detail` has no effect; a `file_id` is refused",
  },
  image_url: { fate: "carried", how: "as `input_image`: the part of Chat Completions" },
  image: { fate: "carried", how: "the block of the Messages API, with a base64 or URL source" },
  document: { fate: "carried", how: "the block of the Messages API, with a base64, URL or text source" },
  computer_screenshot: { fate: "carried", how: "`image`; a `file_id` is refused" },
  input_file: {
    fate: "carried",
    how: "`document` (PDF, text, URL) or `image`; other kinds and a `file_id` are refused",
  },
  file: { fate: "carried", how: "as `input_file`: the part of Chat Completions" },
  input_audio: { fate: "refused", how: "audio is not supported" },
  input_video: { fate: "refused", how: "video is not supported" },
};

/** The types of tools. A tool of a type that is not listed is left out with a warning. */
export const toolFields: ClientFields = {
  function: {
    fate: "carried",
    how: "a custom tool with the schema; `strict` where it is true and Claude can be held to all of them",
  },
  custom: {
    fate: "carried",
    how: "a custom tool with the one member `input`; a grammar joins its description; calls come back as `custom_tool_call`",
  },
  namespace: { fate: "carried", how: "its tools, each under `<namespace>__<name>`; calls come back with `namespace`" },
  local_shell: { fate: "carried", how: "a custom tool `local_shell`; calls come back as `local_shell_call`" },
  shell: {
    fate: "carried",
    how: "a custom tool `shell`; calls come back as `shell_call`; one that runs in a container is refused",
  },
  apply_patch: { fate: "carried", how: "a custom tool `apply_patch`; calls come back as `apply_patch_call`" },
  tool_search: {
    fate: "carried",
    how: "run by the client: a custom tool `tool_search`; run by the server: left out, and every tool is sent",
  },
  web_search: {
    fate: "carried",
    how: "the server tool `web_search`; without live access (`external_web_access: false`) it is left out with a warning",
  },
  web_search_2025_08_26: { fate: "carried", how: "as `web_search`" },
  web_search_preview: { fate: "carried", how: "as `web_search`" },
  web_search_preview_2025_03_11: { fate: "carried", how: "as `web_search`" },
  image_generation: { fate: "warned", how: "no provider of another API makes images in an answer" },
  programmatic_tool_calling: { fate: "warned", how: "tools are called one by one" },
  file_search: { fate: "refused", how: "no provider that can be asked runs file search" },
  code_interpreter: { fate: "refused", how: "no provider that can be asked runs the code interpreter" },
  mcp: { fate: "refused", how: "no provider that can be asked calls MCP servers" },
  computer: { fate: "refused", how: "no provider that can be asked has the computer tool" },
  computer_use: { fate: "refused", how: "no provider that can be asked has the computer tool" },
  computer_use_preview: { fate: "refused", how: "no provider that can be asked has the computer tool" },
};

/** The values of `include`. A value that is not listed is left out with a warning. */
export const includeFields: ClientFields = {
  "reasoning.encrypted_content": { fate: "carried", how: "every reasoning item has it" },
  "web_search_call.action.sources": { fate: "carried", how: "every search has its sources" },
  "web_search_call.results": { fate: "warned", how: "a search has its sources alone" },
  "file_search_call.results": { fate: "no effect", how: "there is no file search" },
  "code_interpreter_call.outputs": { fate: "no effect", how: "there is no code interpreter" },
  "computer_call_output.output.image_url": { fate: "no effect", how: "there is no computer tool" },
  "message.input_image.image_url": { fate: "no effect", how: "the answer does not repeat the input" },
  "message.output_text.logprobs": { fate: "refused", how: "log probabilities are not supported" },
};
