import {
  chatAnswerFields,
  type ChatField,
  chatInnerFields,
  chatRequestFields,
} from "../packages/core/src/dialects/chat/client-fields.ts";

/** Returns the text of docs/doors/chat-fields.md, made from the table that the reader of Chat requests holds to. */
export function chatFieldsDoc(): string {
  return `${[
    "# Chat Completions, member by member",
    "",
    "<!-- Written by scripts/write-chat-fields.mjs from packages/core/src/dialects/chat/client-fields.ts. -->",
    "",
    "`ccpb` and `createFetch` serve clients of Chat Completions at `POST /v1/chat/completions`, over [providers of every API](README.md). A provider of Chat Completions is sent the client's own bytes. This page says what becomes of a request that is translated for a provider of another API (`chatToMessages`), and of the answer on its way back (`toChatCompletion`, `toChatStream`).",
    "",
    "- **carried**: the Messages API says the same.",
    "- **extra**: providers of OpenAI's APIs are told where they take it; others are not, and a warning says so.",
    "- **warned**: left out, and a warning says so.",
    "- **refused**: a 400 that begins with the path of the member, because the answer would be another one without it.",
    "",
    "## Members of the request",
    "",
    "`null` and absence ask for nothing. A member that is not listed is left out with a warning.",
    "",
    ...table("member", chatRequestFields),
    "",
    "## Inside of messages, tools and options",
    "",
    ...table("member", chatInnerFields),
    "",
    "## The answer",
    "",
    ...table("of the Messages answer", chatAnswerFields),
  ].join("\n")}\n`;
}

function table(title: string, fields: readonly ChatField[]): readonly string[] {
  const rows = fields.map(({ path, treatment, note }) => `| \`${path}\` | ${treatment} | ${note} |`);
  return [`| ${title} | | |`, "| --- | --- | --- |", ...rows];
}
