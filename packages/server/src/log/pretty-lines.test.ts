import { describe, expect, it } from "vitest";
import { ConfigError } from "../config/problems.ts";
import { rejection } from "../config/config-reload.ts";
import { logReload } from "./reload-lines.ts";
import { createPrettifier } from "./pretty-lines.ts";
import type { LogData, LogEvent } from "./log-types.ts";

function shown(result: Parameters<typeof logReload>[1]): string {
  const pretty = createPrettifier(false);
  let text = "";
  const write = (level: string, event: LogEvent, message: string, data?: LogData): void => {
    text += pretty(`${JSON.stringify({ timestamp: "2026-11-29T10:00:00.000Z", level, event, ...data, message })}\n`);
  };
  logReload({ write } as unknown as Parameters<typeof logReload>[0], result);
  return text;
}

describe("a reload on the terminal", () => {
  it("says why the configuration was refused, with place and caret, as check does", () => {
    const excerpt = { text: "    type: antropic", caret: 10, width: 8 };
    const problems = [
      {
        file: `${process.cwd()}/providers.yaml`,
        line: 3,
        column: 11,
        message: 'type is "anthropic" or "openai"',
        severity: "error" as const,
        excerpt,
      },
      { file: null, message: "a variable is not set", severity: "error" as const },
    ];
    const text = shown(rejection(new ConfigError(problems)));
    expect(text).toContain("The configuration has 2 problems; the one before stays in force.\n");
    expect(text).toContain('providers.yaml:3:11: error: type is "anthropic" or "openai"\n');
    expect(text).toContain("    3 |     type: antropic\n      |           ^^^^^^^^\n");
    expect(text).toContain("error: a variable is not set");
  });

  it("names the settings that wait for a restart", () => {
    const applied = { type: "applied" as const, message: "Configuration reloaded: 1 enabled provider.", warnings: [] };
    const summary = { added: [], removed: [], changed: [], kept: ["one"] };
    expect(shown({ ...applied, ...summary, restartNeeded: ["port", "tls"] })).toMatch(
      /WARNING.*1 enabled provider\. Takes effect after a restart only: port, tls\.\n$/,
    );
    expect(shown({ ...applied, ...summary, restartNeeded: [] })).toMatch(/INFO.*1 enabled provider\.\n$/);
  });
});
