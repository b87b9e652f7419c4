import { chmodSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TemporaryFolder } from "../../test/temporary-folder.ts";
import { loadConfig, type LoadConfigOptions, type LoadedConfig } from "./config-file.ts";
import { ConfigError } from "./problems.ts";

const provider = `providers:
  - name: a
    type: anthropic
    base_url: https://api.anthropic.com
    auth_value: sk-1
    big_model: passthrough
    small_model: passthrough
`;

function load(folder: TemporaryFolder, options: Partial<LoadConfigOptions> = {}): LoadedConfig {
  return loadConfig({ cwd: folder.path, home: join(folder.path, "home"), env: {}, ...options });
}

function failure(folder: TemporaryFolder, options: Partial<LoadConfigOptions> = {}): ConfigError {
  try {
    load(folder, options);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("it loads");
}

describe("a file", () => {
  test("gives configuration, settings and its own path", () => {
    using folder = new TemporaryFolder();
    const path = folder.write("providers.yaml", provider);
    const loaded = load(folder);
    expect(loaded.source).toEqual({ kind: "file", path });
    expect(loaded.config.providers[0]?.name).toBe("a");
    expect(loaded.server).toMatchObject({
      port: 8080,
      configPath: path,
      logFile: join(folder.path, "logs/balancer.jsonl"),
    });
    expect(loaded.warnings).toEqual([]);
  });

  test("relative paths are relative to its folder, ~ is the home folder, the default log to the working folder", () => {
    using folder = new TemporaryFolder();
    const cert = folder.write("etc/tls/cert.pem", "x");
    const key = folder.write("home/key.pem", "x");
    const settings = "settings:\n  tls: {cert: tls/cert.pem, key: ~/key.pem}\n";
    const configPath = folder.write("etc/providers.yaml", `${provider}${settings}`);
    expect(load(folder, { configPath }).server).toMatchObject({
      tls: { cert, key },
      logFile: join(folder.path, "logs/balancer.jsonl"),
    });
    folder.write("etc/providers.yaml", `${provider}${settings}  log_file: logs/x.jsonl\n`);
    expect(load(folder, { configPath }).server.logFile).toBe(join(folder.path, "etc/logs/x.jsonl"));
    folder.write("etc/providers.yaml", `${provider}${settings}  log_file: ""\n`);
    expect(load(folder, { configPath }).server.logFile).toBeNull();
  });

  test("a file that --config names and that is not there is an error, never a fallback", () => {
    using folder = new TemporaryFolder();
    folder.write("providers.yaml", provider);
    expect(failure(folder, { configPath: "nowhere.yaml" }).problems).toEqual([
      {
        file: join(folder.path, "nowhere.yaml"),
        message: "the file that --config names does not exist; check the path, or make one with ccpb init",
        severity: "error",
      },
    ]);
    expect(failure(folder, { env: { CCPB_CONFIG: "nowhere.yaml", ANTHROPIC_API_KEY: "k" } }).message).toMatch(
      /CCPB_CONFIG/,
    );
  });

  test("a folder, and a link that leads to itself, are named as such", () => {
    using folder = new TemporaryFolder();
    mkdirSync(join(folder.path, "folder"));
    symlinkSync("loop.yaml", join(folder.path, "loop.yaml"));
    expect(failure(folder, { configPath: "folder" }).message).toMatch(/is a folder; name the file in it/);
    expect(failure(folder, { configPath: "loop.yaml" }).message).toMatch(/is a symbolic link that leads to itself/);
  });

  test.skipIf(process.getuid?.() === 0)("a file that may not be read is named as such", () => {
    using folder = new TemporaryFolder();
    chmodSync(folder.write("providers.yaml", provider), 0o000);
    expect(failure(folder).message).toMatch(/may not be read by this user/);
  });

  test("a file that everybody can read is a warning", () => {
    using folder = new TemporaryFolder();
    folder.write("providers.yaml", provider.replace("sk-1", "sk-0123456789"), 0o644);
    expect(load(folder).warnings.map((warning) => warning.message)).toEqual([
      "every user of this machine can read this file, and with it the keys in it; run chmod 600 on it",
    ]);
    folder.write("providers.yaml", provider.replace("sk-1", "sk-0123456789"), 0o640);
    expect(load(folder).warnings).toEqual([]);
  });

  test.each(["${KEY}", "${KEY:-unused}", "unused"])("but not one that holds no key: %s", (value) => {
    using folder = new TemporaryFolder();
    folder.write("providers.yaml", provider.replace("sk-1", value), 0o644);
    expect(load(folder, { env: { KEY: "sk-0123456789" } }).warnings).toEqual([]);
  });

  test.each([
    ["a default", "auth_value: ${OTHER:-sk-0123456789}"],
    ["one of a list", "auth_value: ['${KEY}', sk-9876543210]"],
    ["a header", "auth_value: ${KEY}\n    headers: {x-api-token: sk-9876543210}"],
    ["a proxy", "auth_value: ${KEY}\n    proxy: http://me:word-9876543210@proxy:3128"],
  ])("and it is one where %s holds a key", (_what, lines) => {
    using folder = new TemporaryFolder();
    folder.write("providers.yaml", provider.replace("auth_value: sk-1", lines), 0o644);
    expect(load(folder, { env: { KEY: "sk-0123456789" } }).warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining("every user of this machine can read this file"),
    ]);
  });

  test("warnings have places, like errors", () => {
    using folder = new TemporaryFolder();
    folder.write("providers.yaml", `${provider}settings:\n  reload: true\n`);
    expect(load(folder).warnings).toMatchObject([{ line: 9, column: 3, severity: "warning" }]);
  });
});

describe("the environment and the command line", () => {
  test("they win over the file, the command line over the environment", () => {
    using folder = new TemporaryFolder();
    folder.write("providers.yaml", `${provider}settings:\n  port: 1\n  log_file: x\n`);
    const env = { LOG_LEVEL: "debug", LOG_FILE_PATH: "l.jsonl", CCPB_HOST: "::1", CCPB_PORT: "2", PORT: "3" };
    expect(load(folder, { env }).server).toMatchObject({
      host: "::1",
      port: 2,
      logLevel: "DEBUG",
      logFile: join(folder.path, "l.jsonl"),
    });
    expect(load(folder, { env, host: "localhost", port: "4" }).server).toMatchObject({ host: "localhost", port: 4 });
    expect(load(folder, { env: { PORT: "3" } }).server.port).toBe(3);
    expect(load(folder, { env: { PORT: "", CCPB_PORT: " " } }).server.port).toBe(1);
  });

  test("a bad value is an error that names its source and no place in the file", () => {
    using folder = new TemporaryFolder();
    folder.write("providers.yaml", provider);
    expect(failure(folder, { port: "70000" }).problems).toEqual([
      {
        file: null,
        message: "settings.port is 70000; write at most 65535 (its value comes from --port)",
        severity: "error",
      },
    ]);
    expect(failure(folder, { host: "0.0.0.0" }).message).toMatch(/lets other machines use your keys/);
  });

  test("what other programs mean by the same variables is ignored with a warning", () => {
    using folder = new TemporaryFolder();
    folder.write("providers.yaml", provider);
    const { server, warnings } = load(folder, { env: { LOG_LEVEL: "trace", CCPB_PORT: "tcp://10.0.0.1:8080" } });
    expect(server).toMatchObject({ port: 8080, logLevel: "INFO" });
    expect(warnings.map((warning) => warning.message)).toEqual([
      expect.stringMatching(/^LOG_LEVEL is none of/),
      expect.stringMatching(/^CCPB_PORT holds an address, as Kubernetes sets it/),
    ]);
  });
});

describe("the environment alone", () => {
  test("makes providers in the fixed order, and passes Anthropic's models through", () => {
    using folder = new TemporaryFolder();
    const env = {
      OPENAI_API_KEY: "k-openai",
      OPENROUTER_API_KEY: "k-router",
      ANTHROPIC_API_KEY: "k-anthropic",
      ANTHROPIC_BASE_URL: "http://127.0.0.1:8080",
      CCPB_BIG_MODEL: "big",
      CCPB_SMALL_MODEL: "small",
    };
    const { config, server, source } = load(folder, { env });
    expect(config.providers).toMatchObject([
      {
        name: "anthropic",
        type: "anthropic",
        baseUrl: "https://api.anthropic.com",
        auth: { type: "api_key", keys: ["k-anthropic"] },
        bigModel: "passthrough",
        smallModel: "passthrough",
      },
      {
        name: "openrouter",
        type: "openai",
        baseUrl: "https://openrouter.ai/api/v1",
        bigModel: "big",
        smallModel: "small",
      },
      { name: "openai", type: "openai", baseUrl: "https://api.openai.com/v1", auth: { keys: ["k-openai"] } },
    ]);
    expect(source).toEqual({
      kind: "environment",
      variables: ["ANTHROPIC_API_KEY", "OPENROUTER_API_KEY", "OPENAI_API_KEY"],
    });
    expect(server.configPath).toBeNull();
  });

  test("ANTHROPIC_AUTH_TOKEN does as well, the API key comes first", () => {
    using folder = new TemporaryFolder();
    const token = load(folder, { env: { ANTHROPIC_AUTH_TOKEN: "t" } });
    expect(token.config.providers).toMatchObject([{ auth: { type: "auth_token", keys: ["t"] } }]);
    const both = load(folder, { env: { ANTHROPIC_AUTH_TOKEN: "t", ANTHROPIC_API_KEY: "k" } });
    expect(both.config.providers).toMatchObject([{ auth: { type: "api_key", keys: ["k"] } }]);
  });

  test("OpenAI and OpenRouter need to be told their models", () => {
    using folder = new TemporaryFolder();
    const { problems } = failure(folder, { env: { OPENAI_API_KEY: "k", CCPB_BIG_MODEL: "x" } });
    expect(problems).toEqual([
      {
        file: null,
        severity: "error",
        message:
          "OPENAI_API_KEY needs CCPB_SMALL_MODEL, which is not set; set it to the model that is to be asked for, unset the key, or write a providers.yaml (ccpb init)",
      },
    ]);
    expect(failure(folder, { env: { OPENROUTER_API_KEY: "k" } }).problems).toHaveLength(2);
  });

  test("a bad key is an error that names its variable", () => {
    using folder = new TemporaryFolder();
    expect(failure(folder, { env: { ANTHROPIC_API_KEY: "sk-1\n" } }).message).toBe(
      'provider "anthropic": auth_value begins or ends with a space or line break; take it out (its value comes from ANTHROPIC_API_KEY)',
    );
  });

  test("with nothing at all it says what to do and where it looked", () => {
    using folder = new TemporaryFolder();
    folder.write("config.yaml", provider);
    const { message } = failure(folder, { env: { ANTHROPIC_API_KEY: "" } });
    expect(message).toMatch(
      /^no configuration found \(.*config.yaml is there: name it with --config, or move it to .*providers.yaml\): make one with ccpb init/,
    );
    expect(message).toContain(join(folder.path, "providers.yaml"));
  });
});

describe("the example at the root", () => {
  const example = readFileSync(new URL("../../../../providers.example.yaml", import.meta.url), "utf8");

  test("loads without a word once its keys are set", () => {
    using folder = new TemporaryFolder();
    folder.write("providers.yaml", example);
    const { config, warnings } = load(folder, { env: { ANTHROPIC_API_KEY: "k1", OPENROUTER_API_KEY: "k2" } });
    expect(warnings).toEqual([]);
    expect(config.providers.filter(({ enabled }) => enabled).map(({ name }) => name)).toEqual([
      "anthropic_official",
      "openrouter",
    ]);
  });

  test("loads with everything in it switched on", () => {
    using folder = new TemporaryFolder();
    folder.write("tls/cert.pem", "x");
    folder.write("tls/key.pem", "x");
    // A comment that is YAML when its # is gone; sentences and the heading are not.
    const isSetting = (line: string): boolean =>
      /^\s*# {0,9}(?:- )?["\w*]+: ?\S*|^\s*# +\S+:$/.test(line) && !/[.;]$/.test(line);
    const everything = example
      .split("\n")
      .map((line, index) => (index > 10 && isSetting(line) ? line.replace("# ", "") : line))
      .join("\n")
      .replaceAll("enabled: false", "enabled: true");
    folder.write("providers.yaml", everything);
    const env = {
      ANTHROPIC_API_KEY: "k1",
      OPENROUTER_API_KEY: "k2",
      GATEWAY_TOKEN_ONE: "k3",
      GATEWAY_TOKEN_TWO: "k4",
      CCPB_API_KEY: "k".repeat(32),
      ALICE_KEY: "a".repeat(32),
      OPS_KEY: "o".repeat(32),
      CCPB_WEBHOOK_URL: "https://example.com/hooks/ccpb",
      CCPB_WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    };
    const { config, server } = load(folder, { env });
    expect(server.webhooks).toMatchObject([{ url: "https://example.com/hooks/ccpb", format: "standard" }]);
    expect(config.routes).toHaveLength(1);
    expect(config.settings?.errorRules).toHaveLength(1);
    expect(server.auth.apiKeys).toHaveLength(1);
    expect(server.tls).toBeDefined();
  });
});
