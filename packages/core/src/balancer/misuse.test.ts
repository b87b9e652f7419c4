import { describe, expect, it } from "vitest";
import type { BalancerConfig } from "../base/config-types.ts";
import { CcpbError } from "../base/errors.ts";
import { parseConfig } from "../config/index.ts";
import { Balancer } from "./balancer.ts";

const key = "sk-a-very-secret-key-0123456789";
const good = {
  name: "one",
  type: "anthropic",
  baseUrl: "https://one.test",
  auth: { type: "api_key", keys: [key] },
  bigModel: "passthrough",
  smallModel: "passthrough",
};

/** A configuration as JavaScript writes it, where no compiler looks. */
const build = (config: unknown): Balancer => new Balancer(config as BalancerConfig);
const withProvider = (change: object): unknown => ({ providers: [{ ...good, ...change }] });
const withSettings = (settings: unknown): unknown => ({ providers: [good], settings });
const without = (member: string): unknown => ({
  providers: [Object.fromEntries(Object.entries(good).filter(([name]) => name !== member))],
});

const fileFormat = { providers: [{ name: "one", type: "anthropic", base_url: "https://one.test", auth_value: key }] };

// What is wrong, and a piece of the remedy that the message has to hold.
const wrongConfigs: readonly (readonly [string, unknown, RegExp])[] = [
  ["nothing", undefined, /config is undefined; pass an object/],
  ["null", null, /config is null/],
  ["the file's text", "providers: []", /parseConfig/],
  ["the file's content", fileFormat, /no member base_url; .*parseConfig of @ccpb\/core\/config/],
  ["what parseConfig returned", parseConfig(fileFormat, { env: {} }), /result\.config/],
  ["the list alone", [good], /config is an array/],
  ["no member providers", {}, /config\.providers is missing; write \[\{ name/],
  ["no provider", { providers: [] }, /config\.providers is empty; add at least one/],
  ["an object of providers", { providers: { one: good } }, /config\.providers is an object; write an array/],
  ["a provider that is undefined", { providers: [undefined] }, /config\.providers\[0\] is undefined/],
  ["a misspelt member of the configuration", { providers: [good], setings: {} }, /write settings/],
  ["a member of the file format", { providers: [good], model_routes: [] }, /parseConfig/],
  ["two of one name", { providers: [good, good] }, /providers\[1\].*also the name of providers\[0\]/],
  ["a vendor as type", withProvider({ type: "openrouter" }), /"openrouter", which is no type; .*"openai"/],
  ["a type in capitals", withProvider({ type: "Anthropic" }), /which is no type; write "anthropic"/],
  ["no type", without("type"), /\.type is missing/],
  ["no name", without("name"), /\.name is missing/],
  ["an empty name", withProvider({ name: "" }), /\.name is an empty string/],
  ["no address", without("baseUrl"), /\.baseUrl is missing/],
  ["baseURL as the SDKs write it", { providers: [{ ...good, baseURL: "https://one.test" }] }, /write baseUrl/],
  ["url for the address", { providers: [{ ...good, url: "https://one.test" }] }, /write baseUrl/],
  ["an address without its scheme", withProvider({ baseUrl: "one.test" }), /begin it with https/],
  ["a slash at the end", withProvider({ baseUrl: "https://one.test/" }), /ends in a slash; leave it out/],
  ["an address with its path", withProvider({ baseUrl: "https://one.test/v1/messages" }), /leave out \/v1\/messages/],
  ["an undefined address", withProvider({ baseUrl: undefined }), /\.baseUrl is missing/],
  ["no auth", without("auth"), /\.auth is missing; write \{ type: "api_key"/],
  ["apiKey", { providers: [{ ...good, apiKey: key }] }, /no member apiKey; write auth/],
  ["a key for auth", withProvider({ auth: key }), /\.auth is a string/],
  [
    "an unknown way of paying",
    withProvider({ auth: { type: "bearer", keys: [key] } }),
    /\.auth\.type is "bearer"; write/,
  ],
  ["no keys", withProvider({ auth: { type: "api_key" } }), /\.keys is missing/],
  ["an empty list of keys", withProvider({ auth: { type: "api_key", keys: [] } }), /\.keys is empty/],
  [
    "a key that is no list",
    withProvider({ auth: { type: "api_key", keys: key } }),
    /\.keys is a string; write an array/,
  ],
  ["key for keys", withProvider({ auth: { type: "api_key", key } }), /no member key; write keys/],
  [
    "an empty key",
    withProvider({ auth: { type: "api_key", keys: [""] } }),
    /keys\[0\] is an empty string; set the env/,
  ],
  [
    "an unset key",
    withProvider({ auth: { type: "api_key", keys: [undefined] } }),
    /keys\[0\] is undefined; set the env/,
  ],
  [
    "a key with a line break",
    withProvider({ auth: { type: "api_key", keys: [`${key}\n`] } }),
    /a line break.*; trim it/,
  ],
  ["no source", withProvider({ auth: { type: "renewed" } }), /\.source is missing; write \{ type: "custom"/],
  ["no model", { providers: [{ ...good, bigModel: undefined, smallModel: undefined }] }, /has no model.*bigModel and/],
  ["an object of models", withProvider({ models: { "*": "m" } }), /\.models is an object; write \[\{ pattern/],
  ["half a rule", withProvider({ models: [{ pattern: "*" }] }), /models\[0\] is not whole/],
  ["seconds for milliseconds", withProvider({ timeouts: { connect: 10 } }), /no member connect; write connectMs/],
  ["a text for a number", withProvider({ timeouts: { connectMs: "10s" } }), /connectMs is "10s"; write milliseconds/],
  ["no number", withProvider({ weight: Number.NaN }), /\.weight is NaN; write a number above 0/],
  ["nobody at once", withProvider({ maxConcurrent: 0 }), /\.maxConcurrent is 0; write a whole number/],
  ["disabled for enabled", withProvider({ disabled: true }), /no member disabled; write enabled/],
  ["headers of a Headers", withProvider({ headers: [["a", "b"]] }), /\.headers is an array; write an object/],
  ["vertex without its project", withProvider({ type: "vertex", region: "global" }), /no region or no project/],
  ["a misspelt setting", withSettings({ failureCooldown: 60 }), /no member failureCooldown; write failureCooldownMs/],
  ["a setting of the file format", withSettings({ failure_cooldown: 60 }), /parseConfig/],
  [
    "a negative time",
    withSettings({ failureCooldownMs: -1 }),
    /failureCooldownMs is -1; write milliseconds, 0 or more/,
  ],
  ["a text for a time", withSettings({ queueTimeoutMs: "10s" }), /queueTimeoutMs is "10s"/],
  [
    "an unknown strategy",
    withSettings({ selectionStrategy: "fastest" }),
    /"fastest"; write "priority" or "round_robin"/,
  ],
  ["a misspelt timeout", withSettings({ timeouts: { totalMS: 5 } }), /write totalMs/],
  ["settings that are none", withSettings(5), /config\.settings is 5; write an object/],
  ["a rule without an action", withSettings({ errorRules: [{ status: 500 }] }), /action is missing; write "stop"/],
  ["a rule with another action", withSettings({ errorRules: [{ action: "retry" }] }), /write "stop" or "failover"/],
  ["a route to nobody", { providers: [good], routes: [route("two")] }, /a provider "two"; the providers are one/],
  ["half a route", { providers: [good], routes: [{ pattern: "*" }] }, /routes\[0\] is not whole/],
];

function route(provider: string): unknown {
  return { pattern: "*", candidates: [{ provider, model: "m", priority: 1 }] };
}

describe("a balancer that is built wrongly", () => {
  it.each(wrongConfigs)("with %s fails at once, and says what to write", (_what, config, message) => {
    const error = thrownBy(() => build(config));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain(key.slice(3));
  });

  it("changes nothing by a reload with such a configuration", () => {
    const balancer = build({ providers: [good] });
    for (const [, config] of wrongConfigs) {
      expect(thrownBy(() => balancer.reload(config as BalancerConfig))).toBeInstanceOf(TypeError);
      expect(balancer.status().providers.map(({ name }) => name)).toEqual(["one"]);
    }
  });

  it.each([
    [
      "a provider that is out of service and unfinished",
      { providers: [good, { name: "two", type: "openai", auth: { type: "api_key", keys: [] }, enabled: false }] },
    ],
    [
      "a provider that only a route names",
      { providers: [{ ...good, bigModel: undefined, smallModel: undefined }], routes: [route("one")] },
    ],
    [
      "members that are undefined",
      { providers: [{ ...good, proxy: undefined, weight: undefined }], settings: undefined },
    ],
    [
      "a cloud that needs no models",
      {
        providers: [
          {
            name: "b",
            type: "bedrock",
            baseUrl: "https://b.test",
            region: "us-east-1",
            auth: { type: "api_key", keys: ["k"] },
          },
        ],
      },
    ],
    ["times without an end", withSettings({ queueTimeoutMs: Number.POSITIVE_INFINITY })],
  ])("takes %s", (_what, config) => {
    expect(build(config).status().providers.length).toBeGreaterThan(0);
  });
});

const bytes = new TextEncoder().encode("{}");
const question = { model: "claude-opus-5", messages: [] };

const wrongRequests: readonly (readonly [string, unknown, RegExp])[] = [
  ["nothing", undefined, /the request is undefined; pass a Messages request/],
  ["a text", JSON.stringify(question), /is a string; .*TextEncoder/],
  ["bytes", bytes, /is an Uint8Array; pass \{ body: bytes \}/],
  ["a list", [question], /is an array/],
  ["a promise", Promise.resolve(question), /is a promise; await it/],
  ["a Request", new Request("http://a.test", { method: "POST", body: "{}" }), /is a Request; .*createFetch/],
  ["a body of text", { body: JSON.stringify(question) }, /body is a string; pass its bytes: new TextEncoder/],
  ["a parsed body", { body: question }, /body is an object; pass the parsed request itself: open\(body\)/],
  ["an ArrayBuffer", { body: bytes.buffer }, /body is an ArrayBuffer; pass new Uint8Array\(body\)/],
  ["no body", { body: undefined }, /body is undefined; pass its bytes/],
  ["a body of other things", { body: [1, 2] }, /body is an array; pass its bytes/],
  ["Headers", { body: bytes, headers: new Headers() }, /headers is a Headers; .*Object\.fromEntries/],
];

describe("a call that is opened wrongly", () => {
  const balancer = build({ providers: [good] });

  it.each(wrongRequests)("with %s fails at once, and says what to pass", (_what, request, message) => {
    expect(() => balancer.open(request as never)).toThrow(TypeError);
    expect(() => balancer.open(request as never)).toThrow(message);
  });

  it("tells a client's mistake from a program's", () => {
    expect(() => balancer.open({ body: bytes })).toThrow(CcpbError);
    expect(() => balancer.open({ model: 5, messages: [] } as never)).toThrow(CcpbError);
    expect(() => balancer.open(question, { headers: new Headers() as never })).toThrow(/Object\.fromEntries/);
  });

  it("takes a request with a member body of its own", () => {
    expect(balancer.open({ ...question, body: "x" } as never).requestedModel).toBe("claude-opus-5");
  });
});

describe("a listener that is added wrongly", () => {
  const balancer = build({ providers: [good] });
  it.each([
    ["call-ended", () => undefined, /no event "call-ended"; write "call-end"/],
    ["x", () => undefined, /the events are call-start, /],
    ["call-end", undefined, /the listener is undefined; pass a function/],
  ])("to %s fails at once", (name, listener, message) => {
    expect(() => balancer.on(name as "call-end", listener as () => void)).toThrow(message);
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a short credential in the wrong place", () => {
  const short = "hunter2-hunter2";

  it.each([
    ["auth", { auth: short }],
    ["auth.keys", { auth: { type: "api_key", keys: short } }],
    ["auth.header", { auth: { type: "api_key", keys: ["k"], header: 5 } }],
    ["auth.source", { auth: { type: "renewed", source: short } }],
    ["headers", { headers: short }],
    ["tls", { tls: short }],
    ["a numeric proxy", { proxy: 1234 }],
    ["numeric keys", { auth: { type: "api_key", keys: 1234 } }],
  ])("as %s is not quoted", (_where, members) => {
    const { message } = thrownBy(() => build(withProvider(members))) as Error;
    expect(message).toMatch(/; write /);
    expect(message).not.toMatch(/hunter2|1234/);
  });
});
