import { CommanderError, type Command } from "commander";
import { describe, expect, it } from "vitest";
import { excludedBy } from "./option-rules.ts";
import { createProgram } from "./program.ts";
import { verbs } from "./verbs.ts";

const programOptions: readonly (readonly string[])[] = [
  ["--config", "work.yaml"],
  ["--host", "127.0.0.1"],
  ["--port", "4000"],
  ["--workers", "2"],
];

/** The arguments that each verb needs at least. */
const least: Readonly<Record<string, readonly string[]>> = {
  explain: ["claude-opus-5"],
  completion: ["bash"],
  disable: ["kimi"],
  drain: ["kimi"],
  enable: ["kimi"],
  reset: ["kimi"],
  test: ["kimi"],
};

/** The options of the program that each verb reads; those that stand here for no verb are refused. */
const read: Readonly<Record<string, readonly string[]>> = {
  serve: ["--config", "--host", "--port", "--workers"],
  check: ["--config", "--host", "--port", "--workers"],
  ...Object.fromEntries(
    [
      "code",
      "status",
      "usage",
      "explain",
      "reload",
      "disable",
      "drain",
      "enable",
      "reset",
      "test",
      "block",
      "unblock",
    ].map((verb) => [verb, ["--config", "--host", "--port"]]),
  ),
};

/** Returns what is said of a command line, empty where its verb runs. */
async function refusalOf(args: readonly string[]): Promise<string> {
  let written = "";
  const program = createProgram(async () => undefined);
  const quiet = (command: Command): void => {
    command.configureOutput({ writeErr: (text) => (written += text) });
    for (const one of command.commands) quiet(one);
  };
  quiet(program);
  try {
    await program.parseAsync(["node", "ccpb", ...args]);
    return "";
  } catch (error) {
    if (error instanceof CommanderError) return written;
    throw error;
  }
}

describe("options that a verb does not read", () => {
  const cases = verbs.flatMap(({ name }) => programOptions.map((option) => [name, option] as const));

  it.each(cases)("%s is refused or reads %s, before and behind its name", async (verb, option) => {
    const [flag = ""] = option;
    for (const args of [
      [verb, ...(least[verb] ?? []), ...option],
      [...option, verb, ...(least[verb] ?? [])],
    ]) {
      const refusal = await refusalOf(args);
      if (read[verb]?.includes(flag)) expect(refusal).toBe("");
      else expect(refusal).toContain(`error: ${flag} changes nothing for ${verb}: leave it out`);
    }
  });

  it("are not in its help either", () => {
    const program = createProgram(async () => undefined);
    for (const command of program.commands) {
      const help = command.helpInformation();
      for (const [flag = ""] of programOptions)
        expect(help.includes(flag)).toBe(read[command.name()]?.includes(flag) ?? false);
    }
  });
});

const address = ["--config a.yaml", "--host ::1", "--port 1"];
const steering = [
  "disable kimi",
  "drain kimi",
  "enable kimi",
  "reset kimi",
  "test kimi",
  "block alice",
  "unblock alice",
];

const excluded: readonly (readonly [verb: string, one: string, other: string])[] = [
  ["usage", "--json", "--csv"],
  ["usage", "--log a.jsonl", "--url http://h"],
  ...address.map((option) => ["usage", "--log a.jsonl", option] as const),
  ["explain opus", "--offline", "--url http://h"],
  ["explain opus", "--offline", "--host ::1"],
  ["explain opus", "--offline", "--port 1"],
  ...["status", "usage", "explain opus", "reload", ...steering].flatMap((verb) =>
    address.map((option) => [verb, "--url http://h", option] as const),
  ),
  ["check", "--print", "--json"],
];

describe("options that exclude each other", () => {
  it.each(excluded)("%s: %s and %s, in either order", async (verb, one, other) => {
    const [first, second] = [one, other].map((option) => option.split(" ")[0]);
    for (const args of [`${verb} ${one} ${other}`, `${verb} ${other} ${one}`]) {
      expect(await refusalOf(args.split(" "))).toContain(
        `error: ${first} and ${second} exclude each other: write only one of them`,
      );
    }
    for (const option of [one, other]) expect(await refusalOf(`${verb} ${option}`.split(" "))).toBe("");
  });

  it("check: the file as an argument and --config", async () => {
    expect(await refusalOf(["check", "a.yaml", "--config", "b.yaml"])).toContain(
      "error: FILE and --config exclude each other",
    );
    expect(await refusalOf(["check", "a.yaml"])).toBe("");
  });
});

describe("options that need another", () => {
  it.each([["--abilities"], ["--model opus"]])("check: %s needs --live", async (option) => {
    const [flag] = option.split(" ");
    const text = `error: ${flag} changes nothing without --live: write --live too, or leave ${flag} out`;
    expect(await refusalOf(["check", ...option.split(" ")])).toContain(text);
    expect(await refusalOf(["check", "--live", ...option.split(" ")])).toBe("");
  });
});

describe("options that completion leaves out", () => {
  it.each([
    ["usage", ["--json"], ["--csv"]],
    ["usage", ["--csv"], ["--json"]],
    ["usage", ["--log"], ["--url", "--config", "--host", "--port"]],
    ["explain", ["--offline"], ["--url", "--host", "--port"]],
    ["status", ["--config"], ["--url"]],
    ["reload", ["--reset"], []],
  ])("of %s, behind %j: %j", (name, given, left) => {
    const rules = verbs.find((verb) => verb.name === name)?.rules ?? { takes: [] };
    expect(excludedBy(rules, given)).toEqual(new Set(left));
  });
});

describe("options that go together", () => {
  it.each([
    ["serve --config a.yaml --host ::1 --port 1 --workers 2"],
    ["check --live --abilities --model opus --json --port 1"],
    ["check a.yaml --print --live"],
    ["status --json --watch --url http://h"],
    ["usage --csv --by day --since 4w --url http://h"],
    ["usage --log a.jsonl --json --by model"],
    ["explain opus --offline --config a.yaml --json"],
    ["reload --reset --json --config a.yaml"],
    ["disable kimi --key 2 --model k2 --for 2h --reason why --json"],
    ["init --provider openai --output a.yaml --force"],
  ])("%s", async (line) => {
    expect(await refusalOf(line.split(" "))).toBe("");
  });
});
