import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { chatFieldsDoc } from "../scripts/chat-fields-doc.ts";

// When this fails: node scripts/write-chat-fields.mjs
test("docs/doors/chat-fields.md is what the table of the Chat members says", () => {
  const text = readFileSync(new URL("../docs/doors/chat-fields.md", import.meta.url), "utf8");
  expect(text).toBe(chatFieldsDoc());
});
