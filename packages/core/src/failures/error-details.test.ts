import { expect, test } from "vitest";
import { readErrorText } from "./error-text.ts";

const details = [
  { type: "extra_forbidden", loc: ["body", "parallel_tool_calls"], msg: "Extra inputs are not permitted" },
  { type: "missing", loc: ["body", "messages", 0, "content"], msg: "Field required" },
];
const said = "parallel_tool_calls: Extra inputs are not permitted; messages.0.content: Field required";

// What a validation error is about stands in a list beside its message.
test.each([
  [{ error: { code: "Invalid input", status: 422, message: "invalid input error", details } }, "invalid input error: "],
  [{ error: "Unprocessable", details }, "Unprocessable: "],
  [{ message: "bad request", details }, "bad request: "],
  [{ error: { message: "bad", details }, message: "outer" }, "bad: "],
  [{ detail: details }, ""],
])("%j says which members were refused", (body, label) => {
  expect(readErrorText(JSON.stringify(body)).message).toBe(label + said);
});

test.each([[[]], ["text"], [[{ "@type": "type.googleapis.com/google.rpc.Help" }]], [{ error_code: "x" }], [null]])(
  "details that say nothing of a member add nothing: %j",
  (other) => {
    const body = { error: { message: "bad request", details: other } };
    expect(readErrorText(JSON.stringify(body)).message).toBe("bad request");
  },
);
