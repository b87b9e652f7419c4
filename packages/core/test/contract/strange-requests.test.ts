import { describe, expect, it } from "vitest";
import type { MessagesRequest } from "@ccpb/core/protocol";
import { chatToMessages, messagesToChat, messagesToResponses, responsesToMessages } from "@ccpb/core/translate";
import { recordedChats, recordedMessages, recordedResponses } from "./recorded-requests.ts";
import { isObject, type Json } from "./strange-streams.ts";

interface Translated {
  readonly body: unknown;
  readonly warnings: readonly { readonly code: string }[];
}

/** A translation of requests, and recorded requests that it translates. */
interface Way {
  readonly requests: readonly { readonly id: string; readonly body: object }[];
  readonly translate: (body: object) => Translated;
}

const chatOfParts = { model: "m", messages: [{ role: "user", content: [{ type: "text", text: "What is it?" }] }] };

const ways: Readonly<Record<string, Way>> = {
  "Messages to Chat": {
    requests: recordedMessages(),
    translate: (body) => messagesToChat(body as MessagesRequest, { model: "m" }),
  },
  "Messages to Responses": {
    requests: recordedMessages(),
    translate: (body) => messagesToResponses(body as MessagesRequest, { model: "m" }),
  },
  "Chat to Messages": {
    requests: [{ id: "own/parts", body: chatOfParts }, ...recordedChats()],
    translate: (body) => read(chatToMessages(body)),
  },
  "Responses to Messages": {
    requests: recordedResponses() as unknown as Way["requests"],
    translate: (body) => read(responsesToMessages(body)),
  },
};

function read({ request, warnings }: Omit<Translated, "body"> & { readonly request: unknown }): Translated {
  return { body: request, warnings };
}

const hologram = { type: "hologram", list: [1, "two", { three: null }] };
// Members whose values belong to the caller, or return to a provider unchanged: the walk does not go below them.
const ownNames = new Set([
  "arguments",
  "cache_control",
  "extra_body",
  "input",
  "input_examples",
  "input_schema",
  "logit_bias",
  "metadata",
  "output_schema",
  "parameters",
  "reasoning_details",
  "schema",
]);

/** A copy in which each object that is the API's own was changed. */
function changed(value: unknown, change: (one: Json) => Json, isTop = true): unknown {
  if (Array.isArray(value)) return value.map((one) => changed(one, change, false));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, one]) => {
    // The conversation of a Responses request has the name of a tool's input.
    const isOwn = ownNames.has(key) && !(isTop && key === "input");
    return [key, isOwn ? one : changed(one, change, false)];
  });
  return change(Object.fromEntries(entries) as Json);
}

const withMembers = (body: object): unknown => changed(body, (one) => ({ ...one, hologram }));

/** A part of an unknown type at the end of each content. */
const withParts = (body: object): unknown =>
  changed(body, (one) =>
    typeof one["role"] === "string" && Array.isArray(one["content"]) && one["content"].length > 0
      ? { ...one, content: [...(one["content"] as unknown[]), hologram] }
      : one,
  );

const withTool = (body: object): unknown => {
  const { tools } = body as { readonly tools?: readonly unknown[] };
  return { ...body, tools: [...(tools ?? []), { type: "hologram_20270101", name: "hologram" }] };
};

const withItems = (body: object): unknown => {
  const { input } = body as { readonly input?: unknown };
  const item = { type: "hologram_call", id: "h_1", hologram: "no" };
  return Array.isArray(input) ? { ...body, input: (input as unknown[]).flatMap((one) => [one, item]) } : body;
};

function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** Translates a body; returns the result, or the message of the refusal. */
function outcomeOf({ translate }: Way, body: object): Translated | string {
  try {
    return translate(body);
  } catch (error) {
    expect(error).toMatchObject({ code: "invalid_request", status: 400 });
    return (error as Error).message;
  }
}

/** Pairs of what becomes of a request without the strange thing and with it, for those that are translated without it. */
function pairsOf(way: Way, put: (body: object) => unknown) {
  const pairs = way.requests.flatMap(({ id, body }) => {
    const strange = put(body) as object;
    const was = outcomeOf(way, body);
    if (typeof was === "string" || JSON.stringify(strange) === JSON.stringify(body)) return [];
    return [{ id, was, is: outcomeOf(way, strange) }];
  });
  expect(pairs.length).toBeGreaterThan(0);
  return pairs;
}

const names = Object.keys(ways);
const wayOf = (name: string): Way => ways[name] as Way; // a name of the table

describe("requests with what no API has yet", () => {
  it.each(names)("%s: unknown members change nothing", (name) => {
    for (const { id, was, is } of pairsOf(wayOf(name), withMembers))
      expect(typeof is === "string" ? is : is.body, id).toEqual(was.body);
  });

  it.each([
    ["Messages to Chat", "parts", withParts, "unknown_block_dropped"],
    ["Messages to Responses", "parts", withParts, "unknown_block_dropped"],
    ["Responses to Messages", "parts", withParts, "part_dropped"],
    ["Responses to Messages", "items", withItems, "item_dropped"],
    ["Messages to Chat", "tools", withTool, "server_tool_dropped"],
    ["Messages to Responses", "tools", withTool, "server_tool_dropped"],
    ["Responses to Messages", "tools", withTool, "tool_dropped"],
  ] as const)("%s: unknown %s cost nothing else, and a warning says so", (name, _what, put, code) => {
    for (const { id, was, is } of pairsOf(wayOf(name), put)) {
      if (typeof is === "string") throw new Error(`${id}: ${is}`);
      expect(
        is.warnings.map((warning) => warning.code),
        id,
      ).toContain(code);
      const kept = textsOf(is.body).join("\n");
      expect(
        textsOf(was.body).filter((text) => !kept.includes(text)),
        id,
      ).toEqual([]);
    }
  });

  it.each([
    ["parts", withParts, /^messages\[\d+\]\.content\[\d+\]\.type: hologram is not supported/],
    ["tools", withTool, /^tools\[\d+\]\.type: hologram_20270101 is not supported/],
  ] as const)("Chat to Messages: unknown %s are refused by their place", (_what, put, message) => {
    for (const { id, is } of pairsOf(wayOf("Chat to Messages"), put)) expect(is, id).toMatch(message);
  });
});
