import { didYouMean } from "@ccpb/core/internal";
import { commandName } from "../base/command-name.ts";
import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { exitCodes } from "../base/exit-codes.ts";
import { configFileText } from "./config-template.ts";
import { presetById, presets, presetVariables, type ProviderPreset } from "@ccpb/core/vendors";
import { complain } from "./output.ts";
import type { CommonOptions } from "./common-options.ts";
import { visible } from "../base/visible-text.ts";

interface InitOptions extends CommonOptions {
  readonly provider?: readonly string[];
  readonly baseUrl?: readonly string[];
  readonly output?: string;
  readonly force?: boolean;
}

/** Files to write; null if the person changed their mind. */
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
  const known = presets.map(({ id }) => id);
  const names = known.join(", ");
  if (unknown !== undefined) {
    const near = didYouMean(unknown, known);
    const question = near === undefined ? "" : `did you mean ${near}? `;
    return complain(
      `there is no preset for ${JSON.stringify(unknown)}; ${question}${near === undefined ? "choose" : "Choose"} of ${names}`,
      exitCodes.usage,
    );
  }
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (ids.length === 0 && !isTerminal) {
    return complain(
      `without a terminal, name the providers in order of preference: ${commandName()} init --provider anthropic,openrouter (there are ${names})`,
      exitCodes.usage,
    );
  }
  const urls = readUrls(options.baseUrl ?? [], ids);
  if (typeof urls === "string") return complain(urls, exitCodes.usage);
  const chosen = [...new Set(ids)].flatMap((id) => presetById(id) ?? []).map((preset) => withUrl(preset, urls));
  const given: Plan = { chosen, output: options.output ?? defaultOutput, overwrite: options.force === true };
  if (ids.length > 0) return write(given);
  const plan = await ask(given, options.output === undefined);
  return plan === null ? complain("nothing was written", exitCodes.failed) : write(plan);
}

/** Returns the addresses of `--base-url NAME=URL` by name, or what is wrong with them. */
function readUrls(texts: readonly string[], ids: readonly string[]): ReadonlyMap<string, string> | string {
  const urls = new Map<string, string>();
  for (const text of texts) {
    const [, id = "", url = ""] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (url === "" || !URL.canParse(url)) {
      return `--base-url takes NAME=URL, such as relay=https://relay.example.com, not ${JSON.stringify(text)}`;
    }
    if (!ids.includes(id)) return `--base-url names ${JSON.stringify(id)}, which --provider does not name`;
    if (urls.has(id)) return `--base-url names ${JSON.stringify(id)} twice; write one address for it`;
    urls.set(id, url);
  }
  return urls;
}

function withUrl(preset: ProviderPreset, urls: ReadonlyMap<string, string>): ProviderPreset {
  return { ...preset, baseUrl: urls.get(preset.id) ?? preset.baseUrl };
}

async function ask(given: Plan, isOutputOpen: boolean): Promise<Plan | null> {
  const { intro, multiselect, text, confirm, isCancel } = await import("@clack/prompts");
  intro("A configuration for ccpb");
  const picked = await multiselect({
    message: "Which providers? The first is preferred, the others stand by in this order.",
    options: presets.map(({ id, title, keys: [key] }) => ({
      value: id,
      label: title.en,
      ...(key !== undefined && { hint: process.env[key] === undefined ? `needs ${key}` : `${key} is set` }),
    })),
    initialValues: presets
      .filter(({ keys: [key] }) => key !== undefined && process.env[key] !== undefined)
      .map(({ id }) => id),
    required: true,
  });
  if (isCancel(picked)) return null;
  const ordered = await askOrder(presets.filter(({ id }) => picked.includes(id)));
  const chosen = ordered && (await askUrls(ordered));
  if (chosen === null) return null;
  const named = isOutputOpen ? await text({ message: "Write it where?", initialValue: given.output }) : given.output;
  if (isCancel(named)) return null;
  const output = named === "" ? defaultOutput : named;
  if (given.overwrite || !existsSync(resolve(output))) return { ...given, chosen, output };
  const overwrite = await confirm({ message: `${output} is there already. Write over it?`, initialValue: false });
  return isCancel(overwrite) || !overwrite ? null : { chosen, output, overwrite };
}

/** Asks for the order of preference, one provider after the other; null when the person changed their mind. */
async function askOrder(picked: readonly ProviderPreset[]): Promise<readonly ProviderPreset[] | null> {
  const { select, isCancel } = await import("@clack/prompts");
  const ordered: ProviderPreset[] = [];
  for (let left = picked; left.length > 0; left = left.filter((preset) => !ordered.includes(preset))) {
    const [only] = left;
    if (left.length === 1 && only !== undefined) return [...ordered, only];
    const options = left.map(({ id, title }) => ({ value: id, label: title.en }));
    const message = ordered.length === 0 ? "Which is asked first?" : "And which is next, where that fails?";
    const next = await select({ message, options });
    if (isCancel(next)) return null;
    ordered.push(...left.filter(({ id }) => id === next));
  }
  return ordered;
}

/** Asks for the address of each preset whose address differs from user to user; an empty answer leaves it to the environment. */
async function askUrls(chosen: readonly ProviderPreset[]): Promise<readonly ProviderPreset[] | null> {
  const { text, isCancel } = await import("@clack/prompts");
  const complete: ProviderPreset[] = [];
  for (const preset of chosen) {
    if (!preset.baseUrl.includes("${")) {
      complete.push(preset);
      continue;
    }
    const url = await text({
      message: `Base URL of ${preset.title.en}? Empty: ${preset.baseUrl}`,
      validate: (value) => (value === undefined || value === "" || URL.canParse(value) ? undefined : "This is no URL."),
    });
    if (isCancel(url)) return null;
    complete.push({ ...preset, baseUrl: url === "" ? preset.baseUrl : url });
  }
  return complete;
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
  const missing = [...new Set(chosen.flatMap(presetVariables))].filter((name) => (process.env[name] ?? "") === "");
  const option = output === defaultOutput ? "" : ` --config ${visible(output)}`;
  const steps = [
    ...missing.map((variable) => `export ${variable}=…`),
    `${commandName()} check --live${option}`,
    `${commandName()} serve${option}`,
  ];
  return `Wrote ${visible(output)}. Next:\n\n${steps.map((step) => `  ${step}\n`).join("")}`;
}
