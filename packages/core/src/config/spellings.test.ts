import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseConfig } from "./parse.ts";

const key = "k1".repeat(10);
const other = "o2".repeat(10);
const digest = createHash("sha256").update(key).digest("hex");
const env = { KEY: key, SAME: key, DIGEST: digest };

function provider(name: string, more: object = {}): object {
  return {
    name,
    type: "anthropic",
    base_url: "https://a.example",
    auth_type: "passthrough",
    big_model: "passthrough",
    small_model: "passthrough",
    ...more,
  };
}

function saidOf(document: object): readonly string[] {
  const result = parseConfig({ providers: [provider("a")], ...document }, { env });
  const problems = result.ok ? result.warnings : result.problems;
  return problems.map(({ severity, message }) => `${severity}: ${message}`);
}

/** Every way in which a file may hold the same key. */
const spellings: readonly object[] = [
  { key },
  { key: "${KEY}" },
  { key: "${SAME}" },
  { key: "${NONE:-k1k1k1k1k1k1k1k1k1k1}" },
  { key_sha256: digest },
  { key_sha256: digest.toUpperCase() },
  { key_sha256: "${DIGEST}" },
];
const pairs = spellings.flatMap((one) => spellings.map((two) => [one, two] as const));

describe("two spellings of one secret", () => {
  it.each(pairs)("are one key of two clients: %j and %j", (one, two) => {
    const clients = [
      { name: "alice", ...one },
      { name: "carol", key: other },
      { name: "bob", ...two },
    ];
    const said = saidOf({ settings: { auth: { clients } } });
    const [field] = Object.keys(two);
    expect(said).toEqual([
      expect.stringContaining(`error: settings.auth.clients[2].${field} is the key of another client, too; give each`),
    ]);
    expect(said.join()).not.toContain(key);
  });

  it.each(spellings)("are one key of a client and of api_keys: %j", (one) => {
    const said = saidOf({ settings: { auth: { clients: [{ name: "alice", ...one }], api_keys: [other, "${KEY}"] } } });
    expect(said).toEqual([
      expect.stringContaining(
        "warning: settings.auth.api_keys[1] is the same key as settings.auth.clients[0]; only the client with a name counts, remove one of them",
      ),
    ]);
  });

  it("are one key of api_keys and api_key", () => {
    const said = saidOf({ settings: { auth: { api_keys: [key, "${KEY}"], api_key: key } } });
    expect(said).toEqual([
      expect.stringContaining("api_keys[1] is the same key as settings.auth.api_keys[0]; it counts once"),
      expect.stringContaining("warning: settings.auth.api_key is the same key as settings.auth.api_keys[0]"),
    ]);
  });

  it("are two keys where one differs, or where a variable of both is not set", () => {
    const clients = [
      { name: "alice", key: key.toUpperCase() },
      { name: "bob", key_sha256: digest },
    ];
    expect(saidOf({ settings: { auth: { clients } } })).toEqual([]);
    const unset = [
      { name: "alice", key: "${NO_KEY}" },
      { name: "bob", key: "${NO_KEY}" },
    ];
    expect(saidOf({ settings: { auth: { clients: unset } } }).join("\n")).not.toContain("another client");
  });
});

describe("two spellings of one name", () => {
  it.each([
    ["Alice", "alice"],
    ["Jos\u00e9", "jose\u0301"],
  ])("are one client: %s and %s", (one, two) => {
    const clients = [
      { name: one, key },
      { name: two, key: other },
    ];
    expect(saidOf({ settings: { auth: { clients } } })).toEqual([
      expect.stringContaining(`error: settings.auth.clients[1].name is "${two}", the name of another client`),
    ]);
  });

  it.each([
    ["Kimi", "kimi"],
    ["caf\u00e9", "cafe\u0301"],
  ])("are two providers that are hard to tell apart: %s and %s", (one, two) => {
    expect(saidOf({ providers: [provider(one), provider("b"), provider(two)] })).toEqual([
      `warning: provider 3 is named "${two}", which is hard to tell from the name of provider 1, "${one}"; write another one`,
    ]);
  });

  it("are one header", () => {
    const headers = { "X-Team": "a", "x-other": "b", "x-team": "c" };
    expect(saidOf({ providers: [provider("a", { headers })] })).toEqual([
      'warning: provider "a": headers.x-team is the same header as headers.X-Team; only the last one is sent, remove the other',
    ]);
  });

  it("are one pattern of models and of routes", () => {
    const models = { "claude-*": "one", "CLAUDE-*": "two" };
    const route = [{ provider: "a", model: "one" }];
    expect(
      saidOf({
        providers: [provider("a", { models })],
        model_routes: { "*Opus*": route, "*sonnet*": route, "*opus*": route },
      }),
    ).toEqual([
      'warning: provider "a": models["CLAUDE-*"] never counts: it is "claude-*" in another case, which stands before it; remove one of them',
      'warning: model_routes["*opus*"] never counts: it is "*Opus*" in another case, which stands before it; remove one of them',
    ]);
  });
});
