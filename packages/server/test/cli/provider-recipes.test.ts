import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { check } from "../../src/cli/check.ts";
import { configFileText, providerText } from "../../src/cli/config-template.ts";
import { init } from "../../src/cli/init.ts";
import { presets, presetVariables } from "@ccpb/core/vendors";
import { providerRecipes } from "../../../../scripts/provider-recipes.ts";

const read = (name: string): string =>
  readFileSync(new URL(`../../../../docs/recipes/${name}`, import.meta.url), "utf8");
const blocks = (text: string): string[] =>
  [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
const withoutComments = (yaml: string): string => yaml.replaceAll(/^ *#.*\n/gm, "").replaceAll(/ +#.*$/gm, "");

/** Runs a verb with what it prints kept: its exit code, or the error that it threw, and its outputs. */
async function run(verb: () => number | Promise<number>): Promise<{ code: number; stdout: string; stderr: string }> {
  const kept = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      kept[name] += String(chunk);
      return true;
    }),
  );
  try {
    return { code: await verb(), ...kept };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

function valueOf(variable: string): string {
  if (!variable.endsWith("BASE_URL")) return "eu-test-1";
  return variable.includes("OPENAI") ? "https://relay.test/v1" : "https://relay.test";
}

async function checked(yaml: string, variables: readonly string[]): ReturnType<typeof run> {
  const folder = mkdtempSync(join(tmpdir(), "ccpb-recipe-"));
  try {
    const file = join(folder, "providers.yaml");
    writeFileSync(file, yaml, { mode: 0o600 });
    for (const name of variables) vi.stubEnv(name, valueOf(name));
    return await run(() => check(file, {}));
  } finally {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("the providers to paste", () => {
  // When this fails: node scripts/write-provider-recipes.mjs
  it("are what the presets say, in both languages", () => {
    expect(read("providers.md")).toBe(providerRecipes("en"));
    expect(read("providers.zh-CN.md")).toBe(providerRecipes("zh"));
  });

  it("are the same entries in both languages, comments aside", () => {
    const [english, chinese] = [read("providers.md"), read("providers.zh-CN.md")].map((text) => blocks(text));
    expect(english).toHaveLength(presets.length);
    expect(chinese?.map(withoutComments)).toEqual(english?.map(withoutComments));
  });

  it("have names of their own", () => {
    expect(new Set(presets.map(({ id }) => id)).size).toBe(presets.length);
  });

  it.each(presets.map((preset) => [preset.id, preset] as const))(
    "%s passes check as it is shown",
    async (id, preset) => {
      const shown = blocks(read("providers.md")).find((block) => block.includes(`- name: ${id}\n`)) ?? "";
      expect(parse(shown)).toEqual(parse(`providers:\n${providerText(preset)}`));
      const variables = [...presetVariables(preset), ...preset.keys];
      expect(await checked(shown, variables)).toMatchObject({ code: 0, stderr: "" });
    },
  );

  it.each(presets.map(({ id }) => id))("%s is written by init, and passes check", async (id) => {
    const folder = mkdtempSync(join(tmpdir(), "ccpb-recipe-"));
    try {
      const output = join(folder, "providers.yaml");
      const made = await run(() => init({ provider: [id], output }));
      expect(made).toMatchObject({ code: 0, stderr: "" });
      const preset = presets.find((each) => each.id === id) ?? presets[0];
      if (preset === undefined) throw new Error("there is no preset");
      for (const name of presetVariables(preset)) expect(made.stdout).toContain(`export ${name}=…`);
      expect(await checked(readFileSync(output, "utf8"), [...presetVariables(preset), ...preset.keys])).toMatchObject({
        code: 0,
        stderr: "",
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("pass check all together", async () => {
    const variables = presets.flatMap((preset) => [...presetVariables(preset), ...preset.keys]);
    expect(await checked(configFileText(presets), variables)).toMatchObject({ code: 0, stderr: "" });
  });

  it("take another address, and refuse one that is none or belongs to no provider", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ccpb-recipe-"));
    try {
      const output = join(folder, "providers.yaml");
      const good = await run(() => init({ provider: ["relay"], baseUrl: ["relay=https://r.test"], output }));
      expect(good.code).toBe(0);
      expect(good.stdout).not.toContain("RELAY_BASE_URL");
      expect(readFileSync(output, "utf8")).toContain("base_url: https://r.test\n");
      for (const baseUrl of ["https://r.test", "relay=r.test", "openai=https://r.test"]) {
        const bad = await run(() => init({ provider: ["relay"], baseUrl: [baseUrl], output, force: true }));
        expect(bad.code).toBe(2);
        expect(bad.stderr).toContain("--base-url");
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
