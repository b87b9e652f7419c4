import type { ProviderConfig } from "@ccpb/core";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { renderBanner } from "./banner.ts";
import { defaultServerSettings } from "../app/create-server.ts";
import type { LoadedConfig } from "../config/config-file.ts";
import { version } from "../base/version.ts";

const key = { type: "api_key" as const, keys: ["k-00000000000000"] };

function provider(name: string, baseUrl: string, more: Partial<ProviderConfig> = {}): ProviderConfig {
  return { name, type: "anthropic", baseUrl, auth: key, bigModel: "passthrough", smallModel: "passthrough", ...more };
}

function loaded(providers: readonly ProviderConfig[], server: Partial<LoadedConfig["server"]> = {}): LoadedConfig {
  return {
    config: { providers },
    server: { ...defaultServerSettings, logFile: null, ...server },
    source: { kind: "file", path: "/home/me/providers.yaml" },
    warnings: [],
  };
}

const guide = [
  provider("anthropic_official", "https://api.anthropic.com"),
  provider("custom_claude_provider", "https://your-provider.com"),
  provider("openrouter_backup", "https://openrouter.ai/api/v1", { type: "openai" }),
];

describe("the banner", () => {
  it("has the form of the quick-start guide, in 76 columns", () => {
    const text = renderBanner({ url: "http://127.0.0.1:8080", loaded: loaded(guide) }, 80);
    const line = (words: string): string => `│ ${words.padEnd(72)} │`;
    expect(text.split("\n")).toEqual([
      "╭───────────────────── Claude Code Provider Balancer ──────────────────────╮",
      line(`Version       : v${version}`),
      line("Providers     : 3/3 healthy"),
      line("[✓] anthropic_official (anthropic): https://api.anthropic.com"),
      line("[✓] custom_claude_provider (anthropic): https://your-provider.com"),
      line("[✓] openrouter_backup (openai): https://openrouter.ai/api/v1"),
      line("Configuration : /home/me/providers.yaml"),
      line("Log Level     : INFO"),
      line("Status Page   : http://127.0.0.1:8080/ui"),
      line("Listening on  : http://127.0.0.1:8080"),
      `╰${"─".repeat(74)}╯`,
      "",
      "For Claude Code:",
      "",
      "  export ANTHROPIC_BASE_URL=http://127.0.0.1:8080",
      "  export ANTHROPIC_AUTH_TOKEN=dummy",
      "",
      "",
    ]);
  });

  it("counts a disabled provider, and marks it", () => {
    const providers = [...guide.slice(1), provider("spare", "https://spare.test", { enabled: false })];
    const text = renderBanner({ url: "http://127.0.0.1:1", loaded: loaded(providers), workers: 4 }, 80);
    expect(text).toContain("Providers     : 2/2 healthy, 1 disabled");
    expect(text).toContain("[✗] spare (anthropic): https://spare.test (disabled)");
    expect(text).toContain("Workers       : 4");
  });

  it.each([
    ["names of double width", [provider("月之暗面", "https://api.moonshot.ai/anthropic")], 80],
    ["a URL that is wider than 80 columns, in a pipe", [provider("far", `https://${"a".repeat(90)}.test`)], Infinity],
    ["a narrow terminal", guide, 72],
  ])("aligns the box: %s", (_what, providers, columns) => {
    const lines = renderBanner({ url: "http://127.0.0.1:1", loaded: loaded(providers) }, columns).split("\n\n")[0];
    const widths = new Set(lines?.split("\n").map((line) => stringWidth(line)));
    expect(widths.size).toBe(1);
    expect([...widths][0]).toBeLessThanOrEqual(columns);
  });

  it.each([20, 40, 63])("leaves the box out where a line is wider than a terminal of %i columns", (columns) => {
    const text = renderBanner({ url: "http://127.0.0.1:1", loaded: loaded(guide) }, columns);
    expect(text).not.toMatch(/[│╭╯]/);
    expect(text).toContain("\n[✓] custom_claude_provider (anthropic): https://your-provider.com\n");
  });

  it("prints no token to paste beside a subscription, and asks for a key where the server does", () => {
    const login = provider("subscription", "https://api.anthropic.com", { auth: { type: "passthrough" } });
    const withLogin = renderBanner({ url: "http://127.0.0.1:1", loaded: loaded([login, ...guide]) }, 80);
    expect(withLogin).toContain("export ANTHROPIC_BASE_URL=http://127.0.0.1:1\n");
    expect(withLogin).not.toContain("ANTHROPIC_AUTH_TOKEN");
    const auth = { apiKeys: ["a-key-of-this-server-1"], exemptPaths: [] };
    const withKeys = renderBanner({ url: "http://0.0.0.0:1", loaded: loaded([login], { auth }) }, 80);
    expect(withKeys).toContain("export ANTHROPIC_BASE_URL=http://127.0.0.1:1\n");
    expect(withKeys).toContain("export ANTHROPIC_AUTH_TOKEN=<one of settings.auth.api_keys>");
    expect(withKeys).not.toContain("a-key-of-this-server-1");
  });
});
