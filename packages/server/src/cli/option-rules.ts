import type { Argument, Command, Option } from "commander";

/** The options of the program, which stand before or behind the name of a verb. */
export type ProgramOption = "--config" | "--host" | "--port" | "--workers";

/** Rules of a verb's options. Options are named by their long flag, arguments by their name. */
export interface OptionRules {
  /** Options of the program that the verb reads. The others are refused, since they would change nothing. */
  readonly takes: readonly ProgramOption[];
  /** Each option or argument of the left side is refused beside each of the right side. */
  readonly excludes?: readonly (readonly [one: readonly string[], other: readonly string[]])[];
  /** Options that change nothing without the one on the right. */
  readonly needs?: readonly (readonly [options: readonly string[], needed: string])[];
}

/** Options by which a verb is told which server it asks: `--url` leaves nothing for the others to say. */
export const urlRule: readonly [readonly string[], readonly string[]] = [["--url"], ["--config", "--host", "--port"]];

/**
 * Finds an option that the verb would ignore.
 *
 * @param rules - Those of the verb.
 * @param command - The verb's command, whose arguments and options were read.
 * @returns The message; undefined where every option counts.
 */
export function findIdleOption(
  { takes, excludes = [], needs = [] }: OptionRules,
  command: Command,
): string | undefined {
  const given = givenNames(command);
  const ofProgram = (command.parent?.options ?? []).flatMap(({ long }) => long ?? []);
  const idle = ofProgram.find((name) => given.has(name) && !isTaken(name, takes));
  if (idle !== undefined) return `${idle} changes nothing for ${command.name()}: leave it out`;
  const pairs = excludes.flatMap(([left, right]) => left.flatMap((one) => right.map((other) => [one, other] as const)));
  const pair = pairs.find(([one, other]) => given.has(one) && given.has(other));
  if (pair !== undefined) {
    const [one, other] = pair.map((name) => shown(name));
    return `${one} and ${other} exclude each other: write only one of them`;
  }
  const rows = needs.flatMap(([options, needed]) => options.map((option) => [option, needed] as const));
  const alone = rows.find(([option, needed]) => given.has(option) && !given.has(needed));
  if (alone === undefined) return undefined;
  const [option, needed] = alone;
  return `${option} changes nothing without ${needed}: write ${needed} too, or leave ${option} out`;
}

/** Returns the options that are refused beside those given, by their long flags. */
export function excludedBy({ excludes = [] }: OptionRules, given: readonly string[]): ReadonlySet<string> {
  const sides = excludes.flatMap(([left, right]) => [[left, right] as const, [right, left] as const]);
  return new Set(sides.flatMap(([one, other]) => (one.some((name) => given.includes(name)) ? other : [])));
}

/** Checks whether a verb with these rules reads the option of the program. */
export function isTakenOption({ long }: Option, { takes }: OptionRules): boolean {
  return long === undefined || isTaken(long, takes);
}

// Of the program's options, `--version` is no verb's: the program ends with it.
function isTaken(name: string, takes: readonly string[]): boolean {
  return name === "--version" || takes.includes(name);
}

/** The options and arguments that stand on the command line. */
function givenNames(command: Command): ReadonlySet<string> {
  const levels = command.parent === null ? [command] : [command, command.parent];
  const options = levels.flatMap((level) =>
    level.options.filter((option) => level.getOptionValueSource(option.attributeName()) === "cli"),
  );
  const args: readonly Argument[] = command.registeredArguments.slice(0, command.args.length);
  return new Set([...options.flatMap(({ long }) => long ?? []), ...args.map((argument) => argument.name())]);
}

function shown(name: string): string {
  return name.startsWith("--") ? name : name.toUpperCase();
}
