import type Anthropic from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import { chatToMessages } from "./chat/client-request.ts";
import { toChatCompletion } from "./chat/client-answer.ts";
import { responsesToMessages } from "./responses/client-request.ts";
import { toResponse } from "./responses/client-answer.ts";

// What `@anthropic-ai/sdk` gives a program goes to the writers as it is: kinds of blocks, citations and stop reasons that ccpb itself never writes included.
const usage = {
  cache_creation: null,
  cache_creation_input_tokens: null,
  cache_read_input_tokens: null,
  input_tokens: 3,
  output_tokens: 5,
};

function answer(content: readonly object[], stopReason: string | null): Anthropic.Message {
  const whole = { id: "msg_1", type: "message", role: "assistant", model: "claude-opus-5", content, usage };
  // Members that the SDK's type wants and Anthropic's API leaves out are left out here.
  return { ...whole, stop_reason: stopReason, stop_sequence: null } as unknown as Anthropic.Message;
}

const cited = (citation: object) => [{ type: "text", text: "Blue.", citations: [citation] }];
const document = { document_index: 0, document_title: null, cited_text: "blue", file_id: null };
const answers: readonly (readonly [name: string, message: Anthropic.Message])[] = [
  ["a text without citations", answer([{ type: "text", text: "Blue.", citations: null }], "end_turn")],
  ["characters", answer(cited({ type: "char_location", start_char_index: 0, end_char_index: 4, ...document }), null)],
  ["pages", answer(cited({ type: "page_location", start_page_number: 1, end_page_number: 2, ...document }), null)],
  ["a later kind of citation", answer(cited({ type: "moon_location", crater: 7 }), "end_turn")],
  ["a later stop reason", answer([{ type: "text", text: "Blue." }], "moonrise")],
  [
    "code that was run",
    answer(
      [
        { type: "server_tool_use", id: "srvtoolu_1", name: "code_execution", input: { code: "1" }, caller: null },
        { type: "code_execution_tool_result", tool_use_id: "srvtoolu_1", content: { type: "x", stdout: "1" } },
        { type: "container_upload", file_id: "file_1" },
        { type: "text", text: "Blue.", citations: null },
      ],
      "end_turn",
    ),
  ],
];

describe("an answer of the official SDK", () => {
  it.each(answers)("is a chat completion: %s", (_name, message) => {
    const { context } = chatToMessages({ model: "m", messages: [{ role: "user", content: "Which colour?" }] });
    const completion = toChatCompletion(message, { ...context, id: "chatcmpl-1", createdAtMs: 0 });
    expect(completion.choices[0]?.message.content).toBe("Blue.");
    expect(completion.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 });
  });

  it.each(answers)("is a response: %s", (_name, message) => {
    const { context } = responsesToMessages({ model: "m", input: "Which colour?" });
    const response = toResponse(message, { ...context, id: "resp_1", createdAtMs: 0 });
    expect(JSON.stringify(response["output"])).toContain('"text":"Blue."');
    expect(response["usage"]).toMatchObject({ input_tokens: 3, output_tokens: 5, total_tokens: 8 });
  });
});

it.each([[[]], [Object.assign(() => undefined)], [new Date(0)]])(
  "a request that is no JSON object is refused: %s",
  (body) => {
    expect(() => chatToMessages(body)).toThrowError(expect.objectContaining({ code: "invalid_request", status: 400 }));
    expect(() => responsesToMessages(body)).toThrowError(
      expect.objectContaining({ code: "invalid_request", status: 400 }),
    );
  },
);
