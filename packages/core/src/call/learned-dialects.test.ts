import { describe, expect, it } from "vitest";
import type { ProviderConfig } from "../base/config-types.ts";
import type { MessagesRequest } from "../protocol/anthropic.ts";
import { chooseDialect, isDialectOpen, LearnedDialects } from "./learned-dialects.ts";

const openai: ProviderConfig = {
  name: "o",
  type: "openai",
  baseUrl: "https://api.openai.com/v1",
  auth: { type: "api_key", keys: ["k"] },
  enabled: true,
};
const plain: MessagesRequest = { model: "claude-x", messages: [{ role: "user", content: "hi" }] };
const withTools: MessagesRequest = { ...plain, tools: [{ name: "f" }] };
const withSearch: MessagesRequest = { ...plain, tools: [{ type: "web_search_20250305", name: "web_search" }] };

const asked = (parsed: MessagesRequest) => ({ dialect: "messages", parsed }) as const;

describe("the dialect for a request", () => {
  it.each([
    ["gpt-5.6", withTools, "responses"],
    ["gpt-5.4-mini", withTools, "responses"],
    ["gpt-5.6", plain, "chat"],
    ["gpt-5.2", withTools, "chat"],
    ["gpt-5.4-chat-latest", withTools, "chat"],
    ["gpt-5.3-codex", plain, "responses"],
    ["gpt-5.4-pro", plain, "responses"],
    ["o3-pro", plain, "responses"],
    ["gpt-4o", plain, "chat"],
    ["gpt-4o", withSearch, "responses"],
  ] as const)("of %s at OpenAI goes by its profile", (model, request, dialect) => {
    expect(chooseDialect(openai, model, asked(request), undefined)).toBe(dialect);
  });

  it.each([
    ["chat", "gpt-5.6", "chat"],
    ["chat", "gpt-5.3-codex", "responses"],
    ["responses", "gpt-4o", "responses"],
  ] as const)("of a %s client for %s at OpenAI is %s, its own where that is served", (dialect, model, expected) => {
    expect(chooseDialect(openai, model, { dialect, parsed: withTools }, undefined)).toBe(expected);
    const elsewhere = { ...openai, baseUrl: "https://llm.example/v1" };
    expect(chooseDialect(elsewhere, model, { dialect, parsed: plain }, undefined)).toBe("chat");
  });

  it("is Chat Completions at a host that nobody knows", () => {
    const elsewhere = { ...openai, baseUrl: "https://llm.example/v1" };
    expect(chooseDialect(elsewhere, "gpt-5.6", asked(withTools), undefined)).toBe("chat");
    expect(chooseDialect({ ...elsewhere, profile: { responsesFor: "all" } }, "x", asked(plain), undefined)).toBe(
      "responses",
    );
  });

  it("is what was learned before what the profile says, and what is configured before both", () => {
    expect(chooseDialect(openai, "gpt-5.6", asked(withTools), "chat")).toBe("chat");
    expect(chooseDialect({ ...openai, dialect: "auto" }, "gpt-4o", asked(plain), "responses")).toBe("responses");
    expect(chooseDialect({ ...openai, dialect: "chat" }, "gpt-5.6", asked(withTools), "responses")).toBe("chat");
    expect(chooseDialect({ ...openai, dialect: "responses" }, "gpt-4o", asked(plain), "chat")).toBe("responses");
  });

  it("is open only where an openai provider does not name one", () => {
    expect(isDialectOpen(openai)).toBe(true);
    expect(isDialectOpen({ ...openai, dialect: "auto" })).toBe(true);
    expect(isDialectOpen({ ...openai, dialect: "chat" })).toBe(false);
    expect(isDialectOpen({ ...openai, type: "anthropic" })).toBe(false);
  });
});

describe("learned dialects", () => {
  const hour = 60 * 60_000;

  it("hold for one model at one base URL, for an hour", () => {
    const learned = new LearnedDialects();
    learned.learn(openai, "m", "responses", 0);
    expect(learned.find(openai, "m", hour - 1)).toBe("responses");
    expect(learned.find({ ...openai, name: "another" }, "m", 0)).toBe("responses");
    expect(learned.find(openai, "n", 0)).toBeUndefined();
    expect(learned.find({ ...openai, baseUrl: "https://b/v1" }, "m", 0)).toBeUndefined();
    expect(learned.find(openai, "m", hour)).toBeUndefined();
  });

  it("are bounded: what was learned first is forgotten first", () => {
    const learned = new LearnedDialects();
    for (let index = 0; index < 1_001; index += 1) learned.learn(openai, `m${index}`, "chat", 0);
    expect(learned.find(openai, "m0", 0)).toBeUndefined();
    expect(learned.find(openai, "m1", 0)).toBe("chat");
    expect(learned.find(openai, "m1000", 0)).toBe("chat");
  });
});
