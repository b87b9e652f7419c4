// Writes docs/doors/chat-fields.md from the table of the Chat members: node scripts/write-chat-fields.mjs
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./import-source.mjs";

await withSource("chat-fields-doc.ts", ({ chatFieldsDoc }) => {
  writeFileSync(join(root, "docs/doors/chat-fields.md"), chatFieldsDoc());
});
