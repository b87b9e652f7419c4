import {
  type ClientField,
  includeFields,
  itemFields,
  partFields,
  requestFields,
  toolFields,
} from "../packages/core/src/dialects/responses/client-fields.ts";

/** The text of docs/doors/responses-fields.md, made from the table that the reader of requests uses. */
export function responsesFieldsDoc(): string {
  return [
    "# What becomes of a Responses request",
    "`ccpb` and `createFetch` serve clients of the Responses API at `POST /v1/responses`, over [providers of every API](README.md). A provider of Responses is sent the client's own bytes. This page says what becomes of each part of a request that is translated for a provider of another API (`responsesToMessages`). An *extra* is told to providers of OpenAI's APIs alone.",
    "- **carried**: the provider is told.\n- **no effect**: the answer does not depend on it. It is left out silently.\n- **warned**: left out, with a warning in the log and in `responsesToMessages(…).warnings`.\n- **refused**: answered 400 with the path of the member, because the answer would be wrong without it.",
    "What is not listed is left out with a warning. `null`, `false`, `0` and empty lists ask for nothing and are never refused.",
    "## Members",
    table(requestFields),
    "## Items of `input`",
    table(itemFields),
    "## Content parts",
    table(partFields),
    "## Tools",
    table(toolFields),
    "## Values of `include`",
    table(includeFields),
  ]
    .map((part) => `${part}\n`)
    .join("\n");
}

function table(fields: Readonly<Record<string, ClientField>>): string {
  const rows = Object.entries(fields).map(([name, { fate, how }]) => `| \`${name}\` | ${fate} | ${how} |`);
  return ["| name | | how, or why not |", "|---|---|---|", ...rows].join("\n");
}
