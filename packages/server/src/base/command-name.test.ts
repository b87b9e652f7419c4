import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandName } from "./command-name.ts";

const sources = join(import.meta.dirname, "..");

describe("the command's name in hints", () => {
  it.each([
    ["/usr/local/bin/ccpb", "ccpb"],
    ["/home/me/ccpb/packages/server/dist/cli.js", "ccpb"],
    ["/home/me/ccpb/scripts/start.mjs", "npm start --"],
    [undefined, "ccpb"],
  ])("for %s is %s", (program, name) => {
    expect(commandName(program)).toBe(name);
  });

  it("is written by hand in no message", () => {
    const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
    );
    const byHand = files.flatMap((name) => {
      const lines = readFileSync(join(sources, name), "utf8").split("\n");
      return lines
        .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line))
        .filter((line) => /\bccpb (?:serve|init|check|status|reload|explain|code|schema|--)/.test(line))
        .map((line) => `${name}: ${line.trim()}`);
    });
    expect(byHand).toEqual([]);
  });
});
