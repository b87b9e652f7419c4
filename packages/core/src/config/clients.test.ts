import { describe, expect, it } from "vitest";
import { parseConfig, type ParseConfigResult } from "./parse.ts";
import { settingsInForce } from "./settings-in-force.ts";
import { defaultSettings } from "../base/config-types.ts";

const provider = {
  name: "a",
  type: "anthropic",
  base_url: "https://a.example",
  auth_type: "passthrough",
  big_model: "passthrough",
  small_model: "passthrough",
};
const key = "k".repeat(16);

function read(auth: unknown, settings: object = {}): ParseConfigResult {
  return parseConfig({ providers: [provider], settings: { ...settings, auth } }, { env: { ALICE_KEY: key } });
}

function faults(auth: unknown, settings: object = {}): string {
  const result = read(auth, settings);
  const problems = result.ok ? result.warnings : result.problems;
  return problems.map(({ severity, message }) => `${severity}: ${message}`).join("\n");
}

describe("auth.clients", () => {
  it("reads names, keys, roles, limits and budgets, and writes the same back", () => {
    const clients = [
      {
        name: "alice",
        key: "${ALICE_KEY}",
        models: ["*haiku*"],
        providers: ["a*"],
        limits: { concurrent: 8, requests_per_minute: 120, tokens_per_minute: 400_000 },
        budget: { usd: 20, tokens: 1_000_000, per: "day", timezone: "Europe/Berlin" },
        priority: 1,
      },
      { name: "ops", key_sha256: "AB".repeat(32), role: "operator", budget: [{ cny: 5, per: "month" }, { eur: 0.5 }] },
    ];
    const result = read({ clients });
    if (!result.ok) throw new Error(faults({ clients }));
    const [alice, ops] = result.server.auth.clients ?? [];
    expect(alice).toEqual({
      name: "alice",
      key,
      role: "client",
      models: ["*haiku*"],
      providers: ["a*"],
      limits: { concurrent: 8, requestsPerMinute: 120, tokensPerMinute: 400_000 },
      budgets: [{ per: "day", timezone: "Europe/Berlin", tokens: 1_000_000, cost: { USD: 20 } }],
      priority: 1,
    });
    expect(ops).toMatchObject({
      keySha256: "ab".repeat(32),
      budgets: [
        { per: "month", cost: { CNY: 5 } },
        { per: "day", cost: { EUR: 0.5 } },
      ],
    });
    const written = settingsInForce(defaultSettings, result.server).find(({ path }) => path.at(-1) === "clients");
    const again = read({ clients: written?.value });
    expect(again.ok && again.server.auth.clients).toEqual(result.server.auth.clients);
  });

  it("are none where auth is turned off, and make keys needed where it is not", () => {
    const off = read({ enabled: false, clients: [{ name: "alice", key }] });
    expect(off.ok && off.server.auth.clients).toBe(undefined);
    expect(faults({ clients: [{ name: "alice", key }] }, { host: "0.0.0.0" })).toBe("");
    expect(faults({ enabled: true, clients: [{ name: "alice", key_sha256: "0".repeat(64) }] })).toBe("");
  });

  it.each([
    [[{ key }], /has no name; add one, such as name: alice/],
    [[{ name: "alice" }], /client "alice" has no key; add key: \$\{NAME\}/],
    [[{ name: "alice", key, key_sha256: "0".repeat(64) }], /has both key and key_sha256; remove one/],
    [[{ name: "alice", key_sha256: "0123" }], /key_sha256 is no SHA-256 in hexadecimal/],
    [[{ name: "client-1", key }], /is "client-1", which stands for clients without names/],
    [[{ name: "Local", key }], /stands for clients without names/],
    [[{ name: "a\nb", key }], /control character or line break/],
    [[{ name: "x".repeat(65), key }], /has 65 characters; write at most 64/],
    [
      [
        { name: "alice", key },
        { name: "Alice", key: `${key}1` },
      ],
      /clients\[1\]\.name is "Alice", the name of another client/,
    ],
    [
      [
        { name: "a", key },
        { name: "b", key },
      ],
      /clients\[1\]\.key is the key of another client/,
    ],
    [[{ name: "a", key, role: "admin" }], /role/],
    [[{ name: "a", key, rpm: 3 }], /rpm/],
    [[{ name: "a", key, limits: { rpm: 3 } }], /did you mean requests_per_minute\?/],
    [[{ name: "a", key, limits: { tokens_per_minute: 0 } }], /tokens_per_minute is 0; write at least 1/],
    [[{ name: "a", key, budget: { per: "day" } }], /its budget names no amount; add usd, eur, cny or tokens/],
    [[{ name: "a", key, budget: [{ usd: 1 }, {}] }], /its budget names no amount/],
    [[{ name: "a", key, budget: { usd: 1, per: "year" } }], /per is "year"/],
    [[{ name: "a", key, budget: { usd: 1, timezone: "Mars" } }], /timezone is "Mars", which is no time zone/],
    [[{ name: "a", key: "short" }], /warning: .*clients\[0\]\.key has 5 characters; write at least 16/],
    [[{ name: "a", key, providers: ["b*"] }], /warning: client "a": no provider is named "b\*"/],
    [[{ name: "a", key, role: "monitor", budget: { usd: 1 } }], /warning: .*budget means nothing for role: monitor/],
    [[], /clients is empty; write at least one entry/],
  ])("tells what is wrong with %j", (clients, message) => {
    const said = faults({ clients });
    expect(said).toMatch(message);
    expect(said).not.toContain(key);
  });
});
