import { describe, expect, test } from "vitest";
import { defaultSettings } from "../base/config-types.ts";
import type { ConfigProblem } from "./problem.ts";
import { parseConfig, type ParseConfigResult } from "./parse.ts";
import type { ParseConfigOptions } from "./prepare.ts";

type Document = Record<string, unknown>;

const provider = {
  name: "a",
  type: "anthropic",
  base_url: "https://api.anthropic.com",
  auth_type: "api_key",
  auth_value: "sk-one",
  big_model: "passthrough",
  small_model: "passthrough",
};

const openai = { ...provider, name: "o", type: "openai", base_url: "https://api.example.com/v1" };

function parse(document: unknown, options: Partial<ParseConfigOptions> = {}): ParseConfigResult {
  return parseConfig(document, { env: {}, ...options });
}

function withProvider(changes: Document, rest: Document = {}): Document {
  return { providers: [{ ...provider, ...changes }], ...rest };
}

function withSettings(settings: Document): Document {
  return { providers: [provider], settings };
}

function succeed(document: unknown, options: Partial<ParseConfigOptions> = {}): ParseConfigResult & { ok: true } {
  const result = parse(document, options);
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join("\n"));
  return result;
}

function errors(document: unknown, options: Partial<ParseConfigOptions> = {}): readonly ConfigProblem[] {
  const result = parse(document, options);
  return result.ok ? [] : result.problems.filter((problem) => problem.severity === "error");
}

function messages(document: unknown, options: Partial<ParseConfigOptions> = {}): readonly string[] {
  return errors(document, options).map((problem) => problem.message);
}

function warnings(document: unknown, options: Partial<ParseConfigOptions> = {}): readonly string[] {
  return succeed(document, options).warnings.map((problem) => problem.message);
}

describe("what a valid document becomes", () => {
  test("defaults fill in everything that is not said", () => {
    const { config, server, warnings } = succeed({ providers: [provider] });
    expect(config).toEqual({
      providers: [
        {
          name: "a",
          type: "anthropic",
          baseUrl: "https://api.anthropic.com",
          auth: { type: "api_key", keys: ["sk-one"] },
          bigModel: "passthrough",
          smallModel: "passthrough",
          enabled: true,
        },
      ],
      settings: defaultSettings,
    });
    expect(server).toEqual({
      host: "127.0.0.1",
      port: 8080,
      logLevel: "INFO",
      logFile: undefined,
      logKeep: { files: 5, bytes: 20_000_000 },
      logColor: undefined,
      auth: {
        apiKeys: [],
        exemptPaths: [
          { methods: ["GET", "HEAD"], path: "/" },
          { path: "/health" },
          { methods: ["HEAD"], path: "/api/hello" },
        ],
      },
      allowedHosts: [],
      prices: [],
      webhooks: [],
      metrics: true,
      drainTimeoutMs: 30_000,
      maxBodyMemoryBytes: 512_000_000,
      maxConnections: 4_000,
      workers: 1,
    });
    expect(warnings).toEqual([]);
  });

  test("every key of a provider arrives, in camelCase and milliseconds", () => {
    const { config } = succeed(
      withProvider({
        type: "openai",
        base_url: "https://host.example/v1//",
        auth_type: "auth_token",
        auth_value: ["k-1", "k-2"],
        models: { "*opus*": "big", "*": "passthrough" },
        weight: 2.5,
        proxy: "http://user:word@127.0.0.1:3128",
        headers: { "X-Team": "platform" },
        timeouts: { connect: 1, response: 2, first_content: 3, idle: 4, total: 5.5 },
        max_concurrent: 3,
        context_window: 200_000,
        dialect: "responses",
        profile: { max_output_tokens: 8192, extra_body: { top_level: { inner_key: 1 } } },
        signature_domain: "somewhere",
        forward_headers: ["X-Tenant"],
      }),
    );
    expect(config.providers[0]).toEqual({
      name: "a",
      type: "openai",
      baseUrl: "https://host.example/v1",
      auth: { type: "auth_token", keys: ["k-1", "k-2"] },
      bigModel: "passthrough",
      smallModel: "passthrough",
      models: [
        { pattern: "*opus*", model: "big" },
        { pattern: "*", model: "passthrough" },
      ],
      enabled: true,
      weight: 2.5,
      proxy: "http://user:word@127.0.0.1:3128",
      headers: { "x-team": "platform" },
      timeouts: { connectMs: 1000, responseMs: 2000, firstContentMs: 3000, idleMs: 4000, totalMs: 5500 },
      maxConcurrent: 3,
      contextWindow: 200_000,
      dialect: "responses",
      profile: { maxOutputTokens: 8192, extraBody: { top_level: { inner_key: 1 } } },
      signatureDomain: "somewhere",
      forwardHeaders: ["x-tenant"],
    });
  });

  test("every setting of the balancer arrives", () => {
    const { config } = succeed(
      withSettings({
        failure_cooldown: 5,
        request_timeout: 7,
        selection_strategy: "weighted",
        session_affinity: "session",
        unhealthy_threshold: 3,
        unhealthy_reset_timeout: 60,
        max_cooldown: 120,
        last_resort: false,
        prefer_server_tools: false,
        queue_timeout: 5,
        error_rules: [
          { status: "5XX", match: "busy", action: "failover", cooldown: 30 },
          { status: 418, action: "stop" },
        ],
        unhealthy_http_codes: [402],
        unhealthy_response_body_patterns: ["rate.?limit"],
        timeouts: { connect: 1, first_content: 2, idle: 3, total: 4, call: 5 },
        stream_failure: "abort",
        early_headers: 20,
        allow_provider_pin: true,
      }),
    );
    expect(config.settings).toEqual({
      failureCooldownMs: 5000,
      maxCooldownMs: 120_000,
      unhealthyThreshold: 3,
      unhealthyResetMs: 60_000,
      timeouts: { connectMs: 1000, responseMs: 7000, firstContentMs: 2000, idleMs: 3000, totalMs: 4000, callMs: 5000 },
      selectionStrategy: "weighted",
      sessionAffinity: "session",
      lastResort: false,
      prefersServerTools: false,
      queueTimeoutMs: 5_000,
      errorRules: [
        { status: "5xx", match: "busy", action: "failover", cooldownMs: 30_000 },
        { status: 418, action: "stop" },
        { status: 402, action: "failover" },
        { match: "/rate.?limit/", action: "failover" },
      ],
      streamFailure: "abort",
      earlyHeadersMs: 20_000,
      allowProviderPin: true,
    });
  });

  test("every setting of the server arrives", () => {
    const { server } = succeed(
      withSettings({
        log_level: "critical",
        host: "[::1]",
        port: 0,
        auth: { api_key: "k".repeat(16), api_keys: ["l".repeat(16)], exempt_paths: ["/health", "GET|HEAD /"] },
        allowed_hosts: ["Ccpb.Example.com"],
        tls: { cert: "c.pem", key: "k.pem" },
        shared_state: { redis: "rediss://user:word@redis.example.com:6380/2" },
        log_file: "x.jsonl",
        usage_folder: "/var/usage",
        prices: [{ model: "my-*", provider: "a", input: 1, output: 2, cache_read: 0.1, currency: "CNY" }],
        webhooks: [{ url: "https://example.com/hooks", format: "slack", events: ["provider.down"] }],
        log_color: false,
        metrics: false,
        drain_timeout: 0,
        max_body_memory: 40,
        max_connections: 12,
        workers: "auto",
      }),
    );
    expect(server).toEqual({
      host: "::1",
      port: 0,
      logLevel: "ERROR",
      logFile: "x.jsonl",
      logKeep: { files: 5, bytes: 20_000_000 },
      logColor: false,
      auth: {
        apiKeys: ["l".repeat(16), "k".repeat(16)],
        exemptPaths: [{ path: "/health" }, { methods: ["GET", "HEAD"], path: "/" }],
      },
      allowedHosts: ["ccpb.example.com"],
      sharedState: { redis: "rediss://user:word@redis.example.com:6380/2", prefix: "ccpb" },
      tls: { cert: "c.pem", key: "k.pem" },
      usageFolder: "/var/usage",
      prices: [{ model: "my-*", provider: "a", input: 1, output: 2, cache_read: 0.1, currency: "CNY" }],
      webhooks: [{ url: "https://example.com/hooks", format: "slack", events: ["provider.down"] }],
      metrics: false,
      drainTimeoutMs: 0,
      maxBodyMemoryBytes: 40_000_000,
      maxConnections: 12,
      workers: "auto",
    });
  });

  test("timeouts.response wins over request_timeout", () => {
    const { config } = succeed(withSettings({ request_timeout: 7, timeouts: { response: 9 } }));
    expect(config.settings?.timeouts?.responseMs).toBe(9000);
  });

  test("an empty log_file turns the file off, and log_file_path is another name for it", () => {
    expect(succeed(withSettings({ log_file: "" })).server.logFile).toBeNull();
    expect(succeed(withSettings({ log_file_path: "a.jsonl" })).server.logFile).toBe("a.jsonl");
  });

  test("keys that auth.enabled switches off are not asked for", () => {
    const { server } = succeed(withSettings({ auth: { enabled: false, api_key: "short" } }));
    expect(server.auth.apiKeys).toEqual([]);
  });

  test("a key that stands twice in a list counts once", () => {
    const result = succeed(withProvider({ auth_value: ["x", "x", "y"] }));
    expect(result.config.providers[0]?.auth).toEqual({ type: "api_key", keys: ["x", "y"] });
    expect(result.warnings[0]?.message).toMatch(/same key twice/);
  });

  test("model_routes keep their order, and candidates that are switched off are left out", () => {
    const { config } = succeed({
      providers: [provider],
      model_routes: {
        "*opus*": [
          { provider: "a", model: "x", priority: 2 },
          { provider: "a", model: "y", enabled: false },
          { provider: "a", model: "passthrough" },
        ],
        exact: [{ provider: "a", model: "z" }],
      },
    });
    expect(config.routes).toEqual([
      {
        pattern: "*opus*",
        candidates: [
          { provider: "a", model: "x", priority: 2 },
          { provider: "a", model: "passthrough", priority: 3 },
        ],
      },
      { pattern: "exact", candidates: [{ provider: "a", model: "z", priority: 1 }] },
    ]);
  });

  test("sections with nothing in them are as if they were not there", () => {
    const document = {
      providers: [{ ...provider, headers: null, models: null, timeouts: null }],
      settings: null,
      model_routes: null,
    };
    expect(succeed(document).config).toEqual(succeed({ providers: [provider] }).config);
  });

  test("top-level x- keys are ignored, whatever they hold", () => {
    expect(warnings({ providers: [provider], "x-anything": { auth_value: "${NOWHERE}", deep: [1] } })).toEqual([]);
  });

  test("the document itself is not changed", () => {
    const document = {
      providers: [{ ...provider, auth_value: "${KEY}" }],
      settings: { reload: true, port: "${PORT:-81}" },
    };
    const before = structuredClone(document);
    succeed(document, { env: { KEY: "k" } });
    expect(document).toEqual(before);
  });
});

describe("values from the environment", () => {
  test("numbers and flags that come as text are read as what the key wants", () => {
    const document = withSettings({
      port: "${PORT}",
      metrics: "${METRICS:-false}",
      failure_cooldown: "${COOLDOWN:-1.5}",
    });
    const { server, config } = succeed(document, { env: { PORT: "9000" } });
    expect(server.port).toBe(9000);
    expect(server.metrics).toBe(false);
    expect(config.settings?.failureCooldownMs).toBe(1500);
  });

  test("a text that looks like a number stays a text where the key wants one", () => {
    const { config } = succeed(withProvider({ auth_value: "${KEY}", big_model: "${MODEL}" }), {
      env: { KEY: "12345", MODEL: "4" },
    });
    expect(config.providers[0]).toMatchObject({ auth: { keys: ["12345"] }, bigModel: "4" });
  });

  test("an unset variable is an error that names it", () => {
    expect(messages(withProvider({ auth_value: "${NOT_SET}" }))).toEqual([
      'provider "a": auth_value: the environment variable NOT_SET is not set; set it, or disable the provider with enabled: false',
    ]);
  });

  test("a variable of nearly that name is suggested", () => {
    const [message] = messages(withProvider({ auth_value: "${ANTROPIC_API_KEY}" }), {
      env: { ANTHROPIC_API_KEY: "k" },
    });
    expect(message).toMatch(/did you mean ANTHROPIC_API_KEY\?$/);
  });

  test("a variable that is in use elsewhere is not suggested", () => {
    const [message] = messages(withProvider({ auth_value: ["${KEY_ONE}", "${KEY_TWO}"] }), { env: { KEY_ONE: "k" } });
    expect(message).toMatch(/KEY_TWO is not set; set it, or disable/);
  });

  test("a variable that is set but empty gives an empty key, which is refused with its name", () => {
    expect(messages(withProvider({ auth_value: "${EMPTY}" }), { env: { EMPTY: "" } })).toEqual([
      'provider "a": auth_value is empty; write the key, or ${NAME} for one that stands in an environment variable (its value comes from EMPTY)',
    ]);
  });

  test("a disabled provider may name variables that are not set", () => {
    const disabled = {
      ...provider,
      name: "later",
      enabled: false,
      base_url: "${URL}",
      auth_value: ["${KEY}"],
      proxy: "${PROXY}",
      type: "${TYPE}",
      weight: "${WEIGHT}",
      headers: { a: "${HEADER}" },
    };
    const { config, warnings } = succeed({ providers: [provider, disabled] });
    expect(config.providers[1]).toMatchObject({ name: "later", enabled: false, auth: { keys: [] } });
    expect(warnings).toEqual([]);
  });

  test("enabled itself may come from the environment", () => {
    const second = { ...provider, name: "b", enabled: "${USE_B:-false}", auth_value: "${B_KEY}" };
    expect(succeed({ providers: [provider, second] }).config.providers[1]?.enabled).toBe(false);
    expect(messages({ providers: [provider, second] }, { env: { USE_B: "true" } })[0]).toContain("B_KEY is not set");
  });

  test("what comes from a variable is never quoted, because it may be a secret in the wrong place", () => {
    const env = { SECRET: "hunter2secret" };
    const document = withProvider({ type: "${SECRET}", weight: "${SECRET}", enabled: "${SECRET}" });
    const all = messages(document, { env }).join("\n");
    expect(all).toContain("(its value comes from SECRET)");
    expect(all).not.toContain("hunter2");
  });
});

describe("overrides", () => {
  test("they win over the document, and are read like text from the environment", () => {
    const overrides = { port: { value: "81", source: "--port" }, host: { value: "::1", source: "CCPB_HOST" } };
    expect(succeed(withSettings({ port: 9000 }), { overrides }).server).toMatchObject({ port: 81, host: "::1" });
    expect(succeed({ providers: [provider] }, { overrides }).server.port).toBe(81);
  });

  test("a problem with one names where it came from", () => {
    const overrides = { port: { value: "abc", source: "CCPB_PORT" } };
    const [problem] = errors(withSettings({}), { overrides });
    expect(problem).toMatchObject({
      message: 'settings.port must be a number, not "abc"; write one such as 8080 (its value comes from CCPB_PORT)',
      source: "CCPB_PORT",
    });
  });

  test("a public host from an override needs keys like one from the file", () => {
    const overrides = { host: { value: "0.0.0.0", source: "--host" } };
    expect(messages({ providers: [provider] }, { overrides })[0]).toMatch(
      /^settings.host "0.0.0.0" lets other machines/,
    );
  });

  test("they do not hide that settings are of another type", () => {
    const overrides = { port: { value: "81", source: "--port" } };
    expect(messages({ providers: [provider], settings: "x" }, { overrides })[0]).toMatch(/^settings must be a section/);
  });
});

describe("errors", () => {
  const table: readonly (readonly [string, unknown, RegExp])[] = [
    ["no section at all", [1], /must be a section with the key providers, not a list/],
    ["nothing", null, /not empty/],
    ["no providers", {}, /^the configuration has no providers; add/],
    ["an empty list of providers", { providers: [] }, /^providers is empty; add at least one$/],
    ["providers that are no list", { providers: { a: provider } }, /^providers must be a list, not a section of keys/],
    ["a provider that is no section", { providers: ["a"] }, /^provider 1 must be a section of keys, not "a"/],
    ["no enabled provider", withProvider({ enabled: false }), /^no provider is enabled/],
    [
      "the same name twice",
      { providers: [provider, provider] },
      /^provider 2 has the name of provider 1, "a"; names must be unique/,
    ],
    ["a name that is empty", withProvider({ name: " " }), /name is empty/],
    ["a name with a line break", withProvider({ name: "a\nb" }), /name holds a control character/],
    [
      "a name that is a number",
      withProvider({ name: 5 }),
      /^provider 1: name must be a text, and YAML reads this as a number; put it in quotes$/,
    ],
    [
      "a wrong type",
      withProvider({ type: "antropic" }),
      /type is "antropic"; did you mean anthropic\? Write anthropic, openai, bedrock or vertex$/,
    ],
    [
      "a wrong auth_type",
      withProvider({ auth_type: "oauth" }),
      /auth_type is oauth, which ccpb does not do; write passthrough/,
    ],
    ["an empty key", withProvider({ auth_value: "" }), /auth_value is empty; write the key, or \$\{NAME\}/],
    ["an empty list of keys", withProvider({ auth_value: [] }), /auth_value is empty; write at least one entry$/],
    ["an empty key among others", withProvider({ auth_value: ["a", ""] }), /auth_value\[1\] is empty/],
    [
      "a key with a line break",
      withProvider({ auth_value: "sk-1\n" }),
      /auth_value begins or ends with a space or line break/,
    ],
    ["a key with a control character", withProvider({ auth_value: "sk-\u00071" }), /\(U\+0007, character 4\)/],
    ["a key that no header can carry", withProvider({ auth_value: "你的密钥" }), /\(U\+4F60, character 1\)/],
    [
      "a key with Bearer before it",
      withProvider({ auth_value: "Bearer x" }),
      /begins with the word Bearer; leave it out/,
    ],
    [
      "a key that is a number",
      withProvider({ auth_value: 5 }),
      /auth_value must be a text, and YAML reads this as a number/,
    ],
    [
      "passthrough for openai",
      { providers: [{ ...openai, auth_type: "passthrough" }] },
      /an openai provider cannot use one/,
    ],
    [
      "passthrough as a value for openai",
      { providers: [{ ...openai, auth_value: "passthrough" }] },
      /an openai provider cannot use one/,
    ],
    [
      "a header that is no name",
      withProvider({ headers: { "a b": "x" } }),
      /headers: the key "a b" is not a header name/,
    ],
    [
      "a header of the HTTP client's",
      withProvider({ headers: { Host: "x" } }),
      /"Host" is set by ccpb itself; remove it/,
    ],
    [
      "a header with a line break",
      withProvider({ headers: { a: "x\r\nb: c" } }),
      /headers.a holds a character that no header can carry \(U\+000D\)/,
    ],
    [
      "a header in the credential's place",
      withProvider({ headers: { "X-Api-Key": "x" } }),
      /headers.X-Api-Key is what auth_value is sent in/,
    ],
    [
      "a SOCKS proxy of version 4",
      withProvider({ proxy: "socks4://127.0.0.1" }),
      /proxy is a SOCKS proxy of another version \(socks4:\/\/\); write socks5:/,
    ],
    ["a timeout of nothing", withProvider({ timeouts: { idle: 0 } }), /timeouts.idle is 0; write more than 0$/],
    ["a time with a unit", withSettings({ request_timeout: "30s" }), /must be a number, not the text "30s"; write 30$/],
    ["a time in minutes", withSettings({ failure_cooldown: "2 min" }), /write 120$/],
    ["a negative time", withSettings({ failure_cooldown: -1 }), /failure_cooldown is -1; write at least 0$/],
    ["a time without end", withSettings({ max_cooldown: Infinity }), /max_cooldown must be a finite number/],
    ["a time too long for a timer", withSettings({ request_timeout: 1e9 }), /is 1000000000; write at most 1728000$/],
    ["a port out of range", withSettings({ port: 65_536 }), /port is 65536; write at most 65535$/],
    [
      "a port that is no whole number",
      withSettings({ port: 80.5 }),
      /port must be a whole number, not 80.5; write 81$/,
    ],
    ["a flag in words", withSettings({ metrics: "yes" }), /metrics must be true or false, not "yes"; write true$/],
    [
      "a wrong log level",
      withSettings({ log_level: "verbose" }),
      /log_level is "verbose"; write DEBUG, INFO, WARNING, ERROR or CRITICAL$/,
    ],
    ["a host with a port", withSettings({ host: "127.0.0.1:8080" }), /host holds a port; write the address alone/],
    ["a host that is a URL", withSettings({ host: "http://localhost" }), /host is a URL or path/],
    ["a host that is none", withSettings({ host: "my host" }), /host is "my host", which is no host name/],
    [
      "a public host without keys",
      withSettings({ host: "0.0.0.0" }),
      /lets other machines use your keys, and there is no key/,
    ],
    [
      "a public host without enabled keys",
      withSettings({ host: "::", auth: { enabled: false, api_key: "k".repeat(20) } }),
      /settings.auth.enabled is false/,
    ],
    [
      "a public host with a short key",
      withSettings({ host: "10.0.0.1", auth: { api_keys: ["short"] } }),
      /api_keys\[0\] has 5 characters; write at least 16/,
    ],
    ["an empty key of the server's", withSettings({ auth: { api_keys: [""] } }), /api_keys\[0\] is empty/],
    [
      "an empty list of the server's keys",
      withSettings({ auth: { api_keys: [] } }),
      /api_keys is empty; write at least one entry/,
    ],
    ["auth without keys", withSettings({ auth: { enabled: true } }), /settings.auth is enabled but has no key/],
    ["a wildcard host", withSettings({ allowed_hosts: ["*.example.com"] }), /holds a \*; names are compared whole/],
    [
      "an exempt path that is none",
      withSettings({ auth: { exempt_paths: ["health"] } }),
      /exempt_paths\[0\] is "health"; write a path such as \/health/,
    ],
    ["no Redis", withSettings({ shared_state: { prefix: "a" } }), /settings.shared_state has no redis; add one/],
    [
      "a Redis without its scheme",
      withSettings({ shared_state: { redis: "redis.example.com:6379" } }),
      /settings.shared_state.redis begins with neither redis:\/\/ nor rediss:\/\//,
    ],
    ["a Redis without host", withSettings({ shared_state: { redis: "redis://" } }), /redis names no host/],
    ["a named database", withSettings({ shared_state: { redis: "redis://h/main" } }), /number of a database/],
    ["a stray %", withSettings({ shared_state: { redis: "redis://:100%@h" } }), /write %25 for it$/],
    [
      "a prefix with a space",
      withSettings({ shared_state: { redis: "redis://h", prefix: "a b" } }),
      /prefix is no prefix for keys in Redis/,
    ],
    [
      "half of tls",
      withSettings({ tls: { cert: "a" } }),
      /settings.tls has no key; add one, such as key: tls\/key.pem$/,
    ],
    [
      "an error rule for everything",
      withSettings({ error_rules: [{ action: "stop" }] }),
      /has neither status nor match/,
    ],
    [
      "an error rule with a wrong class",
      withSettings({ error_rules: [{ status: "9xx", action: "stop" }] }),
      /status is "9xx"; write a status such as 529/,
    ],
    [
      "an error rule with a status in quotes",
      withSettings({ error_rules: [{ status: "529", action: "stop" }] }),
      /write 529 without quotes$/,
    ],
    [
      "an error rule without action",
      withSettings({ error_rules: [{ status: 500 }] }),
      /has no action; add action: stop or failover$/,
    ],
    [
      "an expression that is none",
      withSettings({ error_rules: [{ match: "/(/", action: "stop" }] }),
      /is not a regular expression that can be used/,
    ],
    [
      "a body pattern that is none",
      withSettings({ unhealthy_response_body_patterns: ["("] }),
      /is not a regular expression/,
    ],
    [
      "a model without a value",
      withProvider({ big_model: null }),
      /big_model has no value; write one such as claude-opus-5, or remove the key$/,
    ],
    [
      "no big_model",
      { providers: [omit(provider, "big_model")] },
      /^provider "a" has no big_model; set big_model or "passthrough"$/,
    ],
    [
      "no small_model",
      { providers: [omit(provider, "small_model")] },
      /^provider "a" has no small_model; set small_model or "passthrough"$/,
    ],
    [
      "no auth_value",
      { providers: [omit(provider, "auth_value")] },
      /has no auth_value; add auth_value: \$\{NAME\}.*or auth_type: passthrough$/,
    ],
    [
      "a route to nobody",
      { providers: [provider], model_routes: { x: [{ provider: "b", model: "m" }] } },
      /no provider has that name; did you mean "a"\?$/,
    ],
    [
      "a route without candidates",
      { providers: [provider], model_routes: { x: [] } },
      /model_routes.x is empty; write at least one entry/,
    ],
    ["an open expression", withProvider({ big_model: "${A" }), /big_model has a \$\{ without its \}/],
    [
      "an expression with a bad name",
      withProvider({ big_model: "${1A}" }),
      /neither \$\{NAME\} nor \$\{NAME:-default\}/,
    ],
    [
      "a profile key that is none",
      { providers: [{ ...openai, profile: { top_kk: true } }] },
      /"top_kk" is no key in profile of provider "o"; did you mean top_k\?$/,
    ],
  ];

  test.each(table)("%s", (_, document, expected) => {
    const [first, ...others] = messages(document);
    expect(first).toMatch(expected);
    expect(others).toEqual([]);
  });

  test("every problem is found at once", () => {
    const found = errors({
      providers: [{ ...provider, type: "x", base_url: "ftp://a" }, { name: "b" }],
      settings: { port: -1, log_level: "loud" },
      model_routes: { y: [{ provider: "nobody", model: "m" }] },
    });
    expect(new Set(found.map((problem) => problem.path.join(".")))).toEqual(
      new Set([
        "providers.0.type",
        "providers.0.base_url",
        "providers.1.type",
        "providers.1.base_url",
        "providers.1.auth_value",
        "providers.1.big_model",
        "providers.1.small_model",
        "settings.port",
        "settings.log_level",
        "model_routes.y.0.provider",
      ]),
    );
    expect(found).toHaveLength(10);
  });

  test("an object that holds itself is refused, not followed for ever", () => {
    const circular: Document = { name: "x" };
    circular["models"] = circular;
    circular["headers"] = circular;
    expect(messages({ providers: [circular] })[0]).toMatch(/holds too much/);
  });
});

describe("unknown keys", () => {
  const table: readonly (readonly [string, unknown, string])[] = [
    [
      "a typing error",
      withProvider({ bigmodel: "x" }),
      '"bigmodel" is no key in provider "a"; did you mean big_model?',
    ],
    ["camelCase", withProvider({ baseUrl: "x" }), '"baseUrl" is no key in provider "a"; did you mean base_url?'],
    [
      "another program's word",
      withProvider({ api_key: "x" }),
      '"api_key" is no key in provider "a"; did you mean auth_value?',
    ],
    ["a swap", withSettings({ prot: 1 }), '"prot" is no key in settings; did you mean port?'],
    [
      "a priority",
      withProvider({ priority: 1 }),
      '"priority" is no key in provider "a"; the order of the list is the preference: move the provider instead',
    ],
    [
      "a setting at the top",
      { providers: [provider], port: 1 },
      '"port" is no key at the top of the file; it belongs under settings',
    ],
    [
      "a provider's key in settings",
      withSettings({ big_model: "x" }),
      '"big_model" is no key in settings; it belongs to a provider',
    ],
    [
      "a word of nobody's",
      { providers: [provider], zzzzzz: 1 },
      '"zzzzzz" is no key at the top of the file; the keys are providers, settings, model_routes',
    ],
    [
      "a prototype",
      JSON.parse(`{"providers":[${JSON.stringify(provider)}],"__proto__":{"a":1}}`),
      '"__proto__" is no key at the top of the file; the keys are providers, settings, model_routes',
    ],
    [
      "a key that looks like a secret",
      withProvider({ "sk-ant-0123456789": "x" }),
      'a text of 17 characters is no key in provider "a"; remove it, or see docs/configuration.md for the keys',
    ],
  ];

  test.each(table)("%s", (_, document, expected) => {
    expect(messages(document)).toEqual([expected]);
  });

  test("a required key that is only mistyped is not called missing as well", () => {
    const { auth_value: value, type, ...rest } = provider;
    expect(messages({ providers: [{ ...rest, auth_valu: value, typ: type }] })).toHaveLength(2);
  });
});

describe("models and routes", () => {
  const bare = omit(omit(provider, "big_model"), "small_model");

  test("a map that covers both classes stands in for both models", () => {
    expect(warnings({ providers: [{ ...bare, models: { "*": "x" } }] })).toEqual([]);
    expect(warnings({ providers: [{ ...bare, models: { "*haiku*": "x", "*opus*": "y" } }] })).toEqual([]);
  });

  test("a map that covers one class loads with a warning about the other", () => {
    expect(warnings({ providers: [{ ...bare, models: { "*opus*": "x" } }] })).toEqual([
      'provider "a" has no small_model, and nothing else covers haiku models there: requests for them skip it; set small_model if it can serve them',
    ]);
  });

  test("routes stand in for models, also for a provider that is in only some of them", () => {
    const routes = {
      "*opus*": [{ provider: "a", model: "x" }],
      "*SONNET*": [{ provider: "a", model: "x" }],
      "*haiku*": [{ provider: "b", model: "y" }],
    };
    expect(warnings({ providers: [bare, { ...bare, name: "b" }], model_routes: routes })).toEqual([]);
  });

  test("a route of which nobody is enabled is a warning", () => {
    const routes = { "*opus*": [{ provider: "b", model: "x" }] };
    const [warning] = warnings({
      providers: [provider, { ...provider, name: "b", enabled: false }],
      model_routes: routes,
    });
    expect(warning).toMatch(/^model_routes\["\*opus\*"\] has no enabled candidate/);
  });
});

describe("warnings", () => {
  test("the original's later keys load with one warning each", () => {
    const document = {
      providers: [{ ...provider, streaming_mode: "auto" }],
      settings: {
        deduplication: { enabled: true },
        oauth: {},
        testing: {},
        reload: true,
        reload_includes: ["*.py"],
        app_name: "x",
        app_version: "1",
        sticky_provider_duration: 300,
        timeouts: { non_streaming: {}, streaming: {}, caching: {} },
        unhealthy_exception_patterns: ["ssl"],
        unhealthy_reset_on_success: true,
      },
    };
    const found = warnings(document);
    expect(found).toHaveLength(14);
    expect(found.every((message) => /is ignored \(.+\); remove it$/.test(message))).toBe(true);
  });

  test("the original's passthrough as a value is read as the type", () => {
    const result = succeed(withProvider({ auth_type: "auth_token", auth_value: "passthrough" }));
    expect(result.config.providers[0]?.auth).toEqual({ type: "passthrough" });
    expect(result.warnings).toHaveLength(1);
  });

  const table: readonly (readonly [string, unknown, RegExp])[] = [
    [
      "http to another machine",
      withProvider({ base_url: "http://example.com" }),
      /base_url sends keys and prompts to example.com unencrypted/,
    ],
    [
      "/v1 for anthropic",
      withProvider({ base_url: "https://example.com/v1" }),
      /base_url ends in \/v1, and ccpb adds \/v1\/messages/,
    ],
    ["no /v1 for openai", { providers: [{ ...openai, base_url: "https://llm.example.com" }] }, /base_url has no path/],
    [
      "itself as a provider",
      withProvider({ base_url: "http://localhost:8080" }),
      /is the address that ccpb itself listens on/,
    ],
    [
      "a value with passthrough",
      withProvider({ auth_type: "passthrough" }),
      /auth_value is not used with auth_type: passthrough/,
    ],
    [
      "a variable without braces",
      withProvider({ auth_value: "$ANTHROPIC_API_KEY" }),
      /looks like the name of a variable.*write \$\{NAME\} for its value/,
    ],
    ["passthrough in capitals", withProvider({ big_model: "Passthrough" }), /write passthrough, in small letters/],
    ["dialect for anthropic", withProvider({ dialect: "chat" }), /dialect only means something for openai/],
    ["timeouts.call of a provider", withProvider({ timeouts: { call: 5 } }), /only counts under settings.timeouts/],
    ["a short key on loopback", withSettings({ auth: { api_keys: ["short"] } }), /has 5 characters; write at least 16/],
    [
      "both names of the log file",
      withSettings({ log_file: "a", log_file_path: "b" }),
      /log_file_path is another name of log_file, which wins/,
    ],
    [
      "cooldown with stop",
      withSettings({ error_rules: [{ status: 400, action: "stop", cooldown: 1 }] }),
      /cooldown means nothing with action: stop/,
    ],
  ];

  test.each(table)("%s", (_, document, expected) => {
    const found = warnings(document);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  test("a disabled provider's oddities are nobody's business", () => {
    expect(
      warnings({ providers: [provider, { ...provider, name: "b", enabled: false, base_url: "http://example.com" }] }),
    ).toEqual([]);
  });
});

function omit(document: Document, key: string): Document {
  return Object.fromEntries(Object.entries(document).filter(([name]) => name !== key));
}
