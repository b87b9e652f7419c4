import { describe, expect, it } from "vitest";
import { messagesToChat, messagesToResponses } from "@ccpb/core/translate";

const base = { model: "claude-x", max_tokens: 100, messages: [{ role: "user", content: "hi" }] };
const user = (...content: readonly object[]) => ({ messages: [{ role: "user", content }] });
const assistant = (...content: readonly object[]) => ({
  messages: [
    { role: "user", content: "q" },
    { role: "assistant", content },
    { role: "user", content: "b" },
  ],
});
const schema = { type: "object", properties: {}, additionalProperties: false };
const tool = (members: object) => ({ tools: [{ name: "f", input_schema: schema, ...members }] });
const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
const cited = { citations: { enabled: true } };
const textDocument = { type: "document", source: { type: "text", media_type: "text/plain", data: "x" } };
const result = (type: string, content: object) => assistant({ type, tool_use_id: "srvtoolu_1", content });
const edited = (content: object) => result("text_editor_code_execution_tool_result", content);

const translations = {
  chat: (members: object) => messagesToChat({ ...base, ...members }, { model: "m" }),
  responses: (members: object) => messagesToResponses({ ...base, ...members }, { model: "m" }),
};

describe.each(Object.entries(translations))("over %s", (dialect, translate) => {
  const codes = (members: object): readonly string[] => translate(members).warnings.map(({ code }) => code);

  it.each([
    ["a task budget", { output_config: { task_budget: { type: "tokens", total: 5_000 } } }, "output_config_dropped"],
    ["a member of output_config that nobody knows", { output_config: { later: 1 } }, "output_config_dropped"],
    ["an effort that the profile cannot say", { output_config: { effort: "max" } }, "thinking_setting_dropped"],
    [
      "transformations of an image",
      user({ ...image, transformations: { oversized: "error" } }),
      "image_transformations_dropped",
    ],
    ["citations of a document", user({ ...textDocument, ...cited }), "citations_dropped"],
    [
      "citations of a search result",
      user({ type: "search_result", source: "s", title: "t", content: [], ...cited }),
      "citations_dropped",
    ],
    [
      "citations of an earlier answer",
      assistant({ type: "text", text: "A", citations: [{ cited_text: "x" }] }),
      "citations_dropped",
    ],
    ["a tool for code execution alone", tool({ allowed_callers: ["code_execution_20260120"] }), "tool_dropped"],
    ["examples of input", tool({ input_examples: [{}] }), "input_examples_dropped"],
    [
      "strict where the schema does not allow it",
      { tools: [{ name: "f", strict: true, input_schema: { type: "object" } }] },
      "strict_dropped",
    ],
  ])("%s is not dropped silently", (_what, members, code) => {
    expect(codes(members)).toContain(code);
  });

  it.each([
    ["nothing", {}],
    [
      "empty members",
      { output_config: { task_budget: null }, tools: [], thinking: { type: "disabled", display: "omitted" } },
    ],
    [
      "an image, a document and a tool as they are",
      { ...user(image, textDocument), ...tool({ allowed_callers: ["direct"] }) },
    ],
  ])("%s gives no warning", (_what, members) => {
    expect(codes(members)).toEqual([]);
  });

  it("the display of thinking is obeyed or said to be dropped", () => {
    const says = (display: string) =>
      codes({ thinking: { type: "adaptive", display } }).includes("thinking_display_dropped");
    expect(["omitted", "summarized", "updates"].map(says)).toEqual(Array.from({ length: 3 }, () => dialect === "chat"));
  });

  it("a tool that only code execution may call is not offered", () => {
    const direct = { name: "g", input_schema: schema };
    const { body } = translate({ tools: [...tool({ allowed_callers: ["code_execution_20250825"] }).tools, direct] });
    expect(JSON.stringify(body.tools)).toMatch(/"g"/);
    expect(JSON.stringify(body.tools)).not.toMatch(/"f"/);
  });

  it.each([
    ["created", edited({ type: "text_editor_code_execution_create_result", is_file_update: false }), "[file created]"],
    ["updated", edited({ type: "text_editor_code_execution_create_result", is_file_update: true }), "[file updated]"],
    [
      "edited",
      edited({ type: "text_editor_code_execution_str_replace_result", lines: ["-a", "+b"] }),
      "[file edited:\n-a\n+b]",
    ],
    [
      "edited, nobody knows how",
      edited({ type: "text_editor_code_execution_str_replace_result", lines: null }),
      "[file edited]",
    ],
    [
      "viewed",
      edited({ type: "text_editor_code_execution_view_result", file_type: "text", content: "line" }),
      "[output: line]",
    ],
    [
      "not found",
      edited({
        type: "text_editor_code_execution_tool_result_error",
        error_code: "file_not_found",
        error_message: "no a.txt",
      }),
      "[failed: file_not_found, no a.txt]",
    ],
    [
      "made by code",
      result("bash_code_execution_tool_result", {
        type: "bash_code_execution_result",
        stdout: "out",
        stderr: "",
        return_code: 2,
        content: [{ type: "bash_code_execution_output", file_id: "file_1" }],
      }),
      "[output: out\nexit code 2\nfile file_1]",
    ],
    [
      "encrypted",
      result("code_execution_tool_result", {
        type: "encrypted_code_execution_result",
        encrypted_stdout: "x",
        stderr: "",
      }),
      "[output: (encrypted)]",
    ],
    ["advised", result("advisor_tool_result", { type: "advisor_result", text: "yes" }), "[result: yes]"],
    [
      "advised in secret",
      result("advisor_tool_result", { type: "advisor_redacted_result", encrypted_content: "x" }),
      "[result: encrypted]",
    ],
    [
      "not advised",
      result("advisor_tool_result", { type: "advisor_tool_result_error", error_code: "unavailable" }),
      "[failed: unavailable]",
    ],
    [
      "failed without words",
      assistant({ type: "mcp_tool_result", tool_use_id: "m", is_error: true, content: [] }),
      "[error]",
    ],
    [
      "not searched",
      result("web_search_tool_result", { type: "web_search_tool_result_error", error_code: "max_uses_exceeded" }),
      "[failed: max_uses_exceeded]",
    ],
    [
      "not fetched",
      result("web_fetch_tool_result", { type: "web_fetch_tool_result_error", error_code: "url_not_accessible" }),
      "[failed: url_not_accessible]",
    ],
    [
      "no tool found",
      result("tool_search_tool_result", { type: "tool_search_tool_result_error", error_code: "invalid_pattern" }),
      "[failed: invalid_pattern]",
    ],
  ])("what Anthropic's servers did is told: %s", (_what, members, text) => {
    const { body, warnings } = translate(members);
    expect(JSON.stringify(body)).toContain(JSON.stringify(text).slice(1, -1));
    expect(warnings.map(({ code }) => code)).toContain("server_block_digested");
  });
});
