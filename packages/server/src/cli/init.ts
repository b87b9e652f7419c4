import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { exitCodes } from "./exit-codes.ts";
import { configFileText, presetById, presets, type ProviderPreset } from "./config-template.ts";
import { complain } from "./output.ts";
import type { CommonOptions } from "./verbs.ts";
import { visible } from "../visible-text.ts";

interface InitOptions extends CommonOptions {
  readonly provider?: readonly string[];
  readonly output?: string;
  readonly force?: boolean;
}

/** What is to be written where; null when the person changed their mind. */
interface Plan {
  readonly chosen: readonly ProviderPreset[];
  readonly output: string;
  readonly overwrite: boolean;
}

const defaultOutput = "providers.yaml";

/** `ccpb init`: writes a commented configuration; asks on a terminal what its options do not say. No secret is asked for, and none is written. */
export async function init(options: InitOptions): Promise<number> {
  const ids = (options.provider ?? []).flatMap((text) => text.split(",")).map((id) => id.trim());
  const unknown = ids.find((id) => presetById(id) === undefined);
  const names = presets.map(({ id }) => id).join(", ");
  if (unknown !== undefined)
    return complain(`there is no preset for ${JSON.stringify(unknown)}; choose of ${names}`, exitCodes.usage);
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (ids.length === 0 && !isTerminal) {
    return complain(
      `without a terminal, name the providers in order of preference: ccpb init --provider anthropic,openrouter (there are ${names})`,
      exitCodes.usage,
    );
  }
  const chosen = [...new Set(ids)].flatMap((id) => presetById(id) ?? []);
  const given: Plan = { chosen, output: options.output ?? defaultOutput, overwrite: options.force === true };
  if (ids.length > 0) return write(given);
  const plan = await ask(given, options.output === undefined);
  return plan === null ? complain("nothing was written", exitCodes.failed) : write(plan);
}

async function ask(given: Plan, isOutputOpen: boolean): Promise<Plan | null> {
  const { intro, multiselect, text, confirm, isCancel } = await import("@clack/prompts");
  intro("A configuration for ccpb");
  const picked = await multiselect({
    message: "Which providers? The first is preferred, the others stand by in this order.",
    options: presets.map(({ id, title, variable }) => ({
      value: id,
      label: title,
      ...(variable !== undefined && {
        hint: process.env[variable] === undefined ? `needs ${variable}` : `${variable} is set`,
      }),
    })),
    initialValues: presets
      .filter(({ variable }) => variable !== undefined && process.env[variable] !== undefined)
      .map(({ id }) => id),
    required: true,
  });
  if (isCancel(picked)) return null;
  const chosen = presets.filter(({ id }) => picked.includes(id));
  const named = isOutputOpen ? await text({ message: "Write it where?", initialValue: given.output }) : given.output;
  if (isCancel(named)) return null;
  const output = named === "" ? defaultOutput : named;
  if (given.overwrite || !existsSync(resolve(output))) return { ...given, chosen, output };
  const overwrite = await confirm({ message: `${output} is there already. Write over it?`, initialValue: false });
  return isCancel(overwrite) || !overwrite ? null : { chosen, output, overwrite };
}

function write({ chosen, output, overwrite }: Plan): number {
  const path = resolve(output);
  try {
    // `wx` fails where the file has come meanwhile; 0600 since people do write keys into it.
    writeFileSync(path, configFileText(chosen), { flag: overwrite ? "w" : "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    if (error.code === "EEXIST")
      return complain(
        `${output} is there already; write over it with --force, or elsewhere with --output`,
        exitCodes.failed,
      );
    return complain(
      `${output} cannot be written (${String(error.code)}); name another place with --output`,
      exitCodes.failed,
    );
  }
  process.stdout.write(nextSteps(chosen, output));
  return exitCodes.ok;
}

function nextSteps(chosen: readonly ProviderPreset[], output: string): string {
  const missing = chosen.flatMap(({ variable, isOptional }) =>
    variable !== undefined && isOptional !== true && (process.env[variable] ?? "") === "" ? [variable] : [],
  );
  const option = output === defaultOutput ? "" : ` --config ${visible(output)}`;
  const steps = [
    ...missing.map((variable) => `export ${variable}=…`),
    `ccpb check --live${option}`,
    `ccpb serve${option}`,
  ];
  return `Wrote ${visible(output)}. Next:\n\n${steps.map((step) => `  ${step}\n`).join("")}`;
}
