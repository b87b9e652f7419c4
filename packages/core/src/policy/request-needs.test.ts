import { expect, test } from "vitest";
import type { MessagesRequest } from "../protocol/anthropic.ts";
import { requestNeeds } from "./request-needs.ts";

const plain = { model: "m", max_tokens: 1, messages: [{ role: "user", content: "x" }] } as const;
const nothing = { serverTools: false, compaction: false, images: false, documents: false, inputTokens: 7 };

test.each<[what: string, members: object, needs: object]>([
  ["nothing", {}, {}],
  ["a function", { tools: [{ name: "f", input_schema: {} }] }, {}],
  ["a tool that the client runs", { tools: [{ type: "bash_20250124", name: "bash" }] }, {}],
  ["a web search", { tools: [{ type: "web_search_20260318", name: "web_search" }] }, { serverTools: true }],
  ["a toolset of an MCP server", { tools: [{ type: "mcp_toolset", mcp_server_name: "s" }] }, { serverTools: true }],
  ["an MCP server without a toolset", { mcp_servers: [{ type: "url", name: "s", url: "u" }] }, { serverTools: true }],
  ["an empty list of MCP servers", { mcp_servers: [] }, {}],
  ["a compaction", { compaction: { type: "summarize" } }, { compaction: true }],
  ["no compaction", { compaction: null }, {}],
])("reads what %s needs", (_what, members, needs) => {
  const request: MessagesRequest = { ...plain, messages: [...plain.messages], ...members };
  expect(requestNeeds(request, 7)).toEqual({ ...nothing, ...needs });
});
