import { expect, test } from "vitest";
import { toChatRequest } from "../../dialects/chat/request.ts";
import { messagesToResponses } from "../../dialects/responses/request.ts";

const mark = { type: "ephemeral" };
const target = { model: "gpt-5.6", baseUrl: "https://api.openai.com/v1", provider: "p" };

/** Six failed tool results, each with a mark of its own on its text. */
const request = {
  model: "claude-x",
  max_tokens: 9,
  messages: Array.from({ length: 6 }, (_, index) => [
    { role: "assistant", content: [{ type: "tool_use", id: `t${index}`, name: "f", input: {} }] },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: `t${index}`,
          is_error: true,
          cache_control: mark,
          content: [
            { type: "text", text: `failed ${index}`, cache_control: mark },
            { type: "text", text: "and more" },
          ],
        },
      ],
    },
  ]).flat(),
};

test.each([
  ["Chat", toChatRequest],
  ["Responses", messagesToResponses],
] as const)("at most four cache marks are carried, also of failed tool results: %s", (_name, translate) => {
  const body = JSON.stringify(translate(request as never, target as never).body);
  expect(body.match(/prompt_cache_breakpoint|cache_control/g)?.length ?? 0).toBeLessThanOrEqual(4);
  expect(body).toContain("Error: failed 5");
});
