import { describe, expect, it } from "vitest";
import { TemporaryFolder } from "../../test/temporary-folder.ts";
import { good } from "../../test/told-problems.ts";
import { loadConfig } from "./config-file.ts";
import { prepareConfig } from "../app/prepared-config.ts";
import { proxyRoute } from "../transport/proxy-route.ts";
import { ConfigError, type LocatedProblem } from "./problems.ts";

const key = "sk-ant-0123456789abcdef";

function load(content: string, env: Record<string, string> = {}): readonly LocatedProblem[] {
  using folder = new TemporaryFolder();
  folder.write("providers.yaml", content);
  try {
    const loaded = loadConfig({ cwd: folder.path, home: folder.path, env });
    prepareConfig(loaded, env);
    return loaded.warnings.filter(({ message }) => !message.includes("readable"));
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    if (!(error instanceof Error)) throw error;
    return [{ file: null, message: error.message, severity: "error" }];
  }
}

function changed(from: string, to: string): string {
  expect(good).toContain(from);
  return good.replace(from, to);
}

describe("characters that only look right are named, with their place", () => {
  it.each([
    ["a full-width colon after a key", changed("name: a", "name：a"), "2:9", "full-width colon"],
    ["the same in settings", `${good}settings:\n  port：8080\n`, "10:7", "U+FF1A"],
    ["the same with a space behind", `${good}settings：\n  port: 8080\n`, "9:9", "U+FF1A"],
    ["a no-break space after a colon", changed("type: a", "type:\u00a0a"), "3:10", "no-break space (U+00A0)"],
    ["a no-break space after a dash", changed("- name", "-\u00a0name"), "2:4", "no-break space (U+00A0)"],
    ["no-break spaces as indentation", changed("    type", "\u00a0\u00a0\u00a0\u00a0type"), "3:1", "no-break space"],
    ["full-width spaces as indentation", changed("    type", "\u3000\u3000type"), "3:1", "full-width space (U+3000)"],
    ["a thin space", changed("type: a", "type:\u2009a"), "3:10", "thin space (U+2009)"],
    ["an em space", changed("type: a", "type: \u2003a"), "3:11", "em space (U+2003)"],
    ["a narrow no-break space", changed("    type", "    \u202ftype"), "3:5", "narrow no-break space"],
    ["a zero-width space before a key", changed("    type", "    \u200btype"), "3:5", "zero-width space (U+200B)"],
    ["a zero-width joiner before a key", changed("    type", "    \u200dtype"), "3:5", "zero-width joiner"],
    ["a word joiner before a key", changed("    type", "    \u2060type"), "3:5", "word joiner (U+2060)"],
    ["a byte order mark in the middle", changed("    type", "    \ufefftype"), "3:5", "byte order mark (U+FEFF)"],
    ["typographic quotes", changed("name: anthropic", "name: “anthropic”"), "2:11", "U+201C"],
    ["typographic single quotes", changed("name: anthropic", "name: ‘anthropic’"), "2:11", "U+2018"],
  ])("%s", (_what, content, place, words) => {
    const problems = load(content);
    const [problem] = problems;
    expect(problem?.severity).toBe("error");
    expect(`${problem?.line}:${problem?.column}`).toBe(place);
    expect(problem?.message).toContain(words);
  });

  it.each([
    ["within a comment", `# 服务商：“见下文”\n${good}`],
    ["after a value", good.replace("name: anthropic", "name: 官方：一号 # 名称：任意")],
    ["within quotes", good.replace("name: anthropic", 'name: "“官方”"')],
    ["a byte order mark at the start", `\ufeff${good}`],
  ])("and left alone %s", (_where, content) => {
    expect(load(content)).toEqual([]);
  });
});

describe("keys that are none", () => {
  it.each([
    "sk-ant-your-actual-key-here",
    "your-auth-token-here",
    "sk-or-your-openrouter-key",
    "sk-your-key-here",
    "YOUR_API_KEY",
    "sk-ant-xxxxxxxxxxxx",
    "xxxx",
    "sk-...",
    "<your-key>",
    "changeme",
    "replace-me",
    "placeholder",
    "api-key",
  ])("%s is the placeholder of an example", (placeholder) => {
    const [problem] = load(changed(key, JSON.stringify(placeholder)));
    expect(problem).toMatchObject({ severity: "error", line: 6, column: 17 });
    expect(problem?.message).toContain("placeholder of an example");
    expect(load(changed(key, "${K}"), { K: placeholder })[0]?.message).toContain("placeholder");
    const disabled = `${good}${good.replace("providers:\n", "").replace("name: anthropic", "name: b\n    enabled: false").replace(key, JSON.stringify(placeholder))}`;
    expect(load(disabled)).toEqual([]);
  });

  it.each(["sk-ant-api03-yourk3y8Hq-here9", "sk-or-v1-0a1b2c3d", "ollama", "unused"])("%s may be a key", (real) => {
    expect(load(changed(key, real).replace("api.anthropic.com", "relay.example.com"))).toEqual([]);
  });

  it.each([`"${key}"`, `'${key}'`])("%s from an env file keeps its quotes", (quoted) => {
    expect(load(changed(key, "${K}"), { K: quoted })[0]?.message).toMatch(/stands in quotes that are part of it.*K/);
  });
});

describe("times that read like milliseconds", () => {
  it.each([
    ["settings:\n  request_timeout: 30000\n", "settings.request_timeout is 30000 seconds (8.3 hours)", "write 30 "],
    ["settings:\n  failure_cooldown: 60000\n", "settings.failure_cooldown", "write 60 "],
    ["settings:\n  drain_timeout: 5000\n", "settings.drain_timeout", "write 5 "],
    ["settings:\n  queue_timeout: 2500\n", "settings.queue_timeout", "write 2.5 "],
    ["settings:\n  timeouts: {idle: 120000}\n", "settings.timeouts.idle", "write 120 "],
    ["    timeouts: {connect: 10000}\n", "timeouts.connect", "write 10 "],
  ])("%j is a warning", (more, name, remedy) => {
    const [problem] = load(good + more);
    expect(problem?.severity).toBe("warning");
    expect(problem?.message).toContain(name);
    expect(problem?.message).toContain(remedy);
  });

  it.each(["failure_cooldown: 3600", "max_cooldown: 86400", "request_timeout: 600", "timeouts: {call: 1800}"])(
    "%s is none",
    (line) => {
      expect(load(`${good}settings:\n  ${line}\n`)).toEqual([]);
    },
  );
});

describe("addresses", () => {
  it.each([
    ["htps://api.anthropic.com", "https://api.anthropic.com"],
    ["https:/api.anthropic.com", "https://api.anthropic.com"],
    ["https//api.anthropic.com", "https://api.anthropic.com"],
    ["https：//api.anthropic.com", "https://api.anthropic.com"],
    ["hhtps://api.anthropic.com/v1", "https://api.anthropic.com/v1"],
    ["api.anthropic.com", "https://api.anthropic.com"],
  ])("base_url %s: write %s", (written, meant) => {
    const [problem] = load(changed("https://api.anthropic.com", written));
    expect(problem).toMatchObject({ severity: "error", line: 4, column: 15 });
    expect(problem?.message).toContain(`write "${meant}"`);
  });
});

describe("proxies in every wrong form", () => {
  const own = (value: string): string => changed("    big_model", `    proxy: ${value}\n    big_model`);

  it.each([
    ["127.0.0.1:3128", "write http://127.0.0.1:3128"],
    ["proxy.corp:3128", "write http://proxy.corp:3128"],
    ["socks5://", "names no host; write one such as socks5://127.0.0.1:1080"],
    ["socks4://user:secret@h:1", "is a SOCKS proxy of another version (socks4://)"],
    ["SOCKS://h:1", "is a SOCKS proxy of another version (socks://)"],
    ["htp://h:1", "begins with htp://"],
    ["http://h:99999", "has a port above 65535"],
    ["http://", "names no host"],
    ["user:secret@h", "has no scheme; write http://HOST:PORT"],
    ["???", "has no scheme"],
    ["http://u:secret%zz@h:1", "write %25 for a %"],
  ])("HTTPS_PROXY=%s stops the start", (value, words) => {
    for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) {
      const [problem] = load(good, { [name]: value });
      expect(problem?.severity).toBe("error");
      expect(problem?.message).toContain(words);
      expect(problem?.message).toContain(`(in ${name})`);
      expect(problem?.message).not.toContain("secret");
    }
    // A provider behind NO_PROXY does not need it.
    expect(load(good, { HTTPS_PROXY: value, NO_PROXY: "api.anthropic.com" })).toEqual([]);
  });

  it.each(["127.0.0.1:3128", "socks4://h:1", "''", "htp://a:1", "http://a:99999", '"http://a b"'])(
    "proxy: %s is an error of the file",
    (value) => {
      expect(load(own(value))[0]).toMatchObject({ severity: "error", line: 7 });
    },
  );

  it.each([
    ["http://10.1.2.3/", "10.0.0.0/8", false],
    ["http://11.1.2.3/", "10.0.0.0/8", true],
    ["http://192.168.7.9:8000/", "localhost, 192.168.0.0/16", false],
    ["http://[fd00::1]/", "fd00::/8", false],
    ["http://[fe80::1]/", "fd00::/8", true],
    ["http://ten.test/", "10.0.0.0/8", true],
    ["http://10.1.2.3/", "10.0.0.0/99", true],
    ["http://10.1.2.3/", "10.0.0.0/", true],
    ["http://10.1.2.3/", "fd00::/8", true],
  ])("%s with NO_PROXY=%s goes through the proxy: %s", (url, list, goesThrough) => {
    const environment = { HTTP_PROXY: "http://proxy.test:3128", NO_PROXY: list };
    expect(proxyRoute(new URL(url), undefined, environment) !== undefined).toBe(goesThrough);
  });
});
