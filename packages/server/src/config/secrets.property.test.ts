import fc from "fast-check";
import { expect, test } from "vitest";
import { TemporaryFolder } from "../../test/temporary-folder.ts";
import { loadConfig } from "./config-file.ts";
import { ConfigError, renderProblems } from "./problems.ts";

// Printable ASCII, without what would end the YAML form that it is written in.
const secrets = fc
  .string({
    minLength: 8,
    maxLength: 40,
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  })
  .filter((secret) => !secret.includes("${"));

const forms: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => JSON.stringify(secret),
  (secret) => `'${secret.replaceAll("'", "''")}'`,
  (secret) => `|\n        ${secret}`,
  (secret) => `>-\n        ${secret}\n        ${secret}`,
  (secret) => `"${secret}`,
  (secret) => `'${secret}`,
  (secret) => `[${secret}, ${secret}`,
  (secret) => `\n      - ${secret}\n      - ${JSON.stringify(secret)}`,
  (secret) => `\n      - ${secret}\n     - ${secret}`,
  (secret) => `${secret} # ${secret}`,
  (secret) => `{key: ${secret}}`,
];

const places: readonly ((value: string) => string)[] = [
  (value) => `    auth_value: ${value}\n`,
  (value) => `    auth_valu: ${value}\n`,
  (value) => `    api_key: ${value}\n`,
  (value) => `    auth_value ${value}\n`,
  (value) => `    auth_value:${value}\n`,
  (value) => `\t  auth_value: ${value}\n`,
  (value) => `   auth_value: ${value}\n`,
  (value) => `    headers:\n      X-One: ${value}\n`,
  (value) => `    headers:\n      name: ${value}\n`,
  (value) => `    proxy: ${value}\n`,
  (value) => `    base_url: https://user:${value}@host\n`,
  (value) => `    auth_value: ok\nsettings:\n  auth:\n    api_keys: [${value}]\n`,
  (value) => `    auth_value: ok\nsettings:\n  auth:\n    api_key: ${value}\n  port: x\n`,
];

function render(folder: TemporaryFolder, content: string): string {
  folder.write("providers.yaml", content);
  try {
    return renderProblems(loadConfig({ cwd: folder.path, home: folder.path, env: {} }).warnings);
  } catch (error) {
    if (error instanceof ConfigError)
      return `${error.message}\n${JSON.stringify(error.problems)}\n${renderProblems(error.problems)}`;
    throw error;
  }
}

test("no problem's rendering holds a secret, however broken the file is", () => {
  using folder = new TemporaryFolder();
  const file = (secret: string, place: (value: string) => string, form: (secret: string) => string): string =>
    `providers:\n  - name: a\n    type: anthropic\n${place(form(secret))}`;
  fc.assert(
    fc.property(secrets, fc.constantFrom(...places), fc.constantFrom(...forms), (secret, place, form) => {
      // A secret that is a part of our own words tells nothing.
      fc.pre(!render(folder, file("ordinaryword", place, form)).includes(secret));
      expect(render(folder, file(secret, place, form))).not.toContain(secret);
    }),
    { numRuns: 400 },
  );
});

/** Files of other kinds, as they get into the place of a configuration by mistake. */
const others: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `ACME_KEY=${secret}\nACME_URL=https://api.example.com\n`,
  (secret) => `export ACME_KEY=${secret}\n`,
  (secret) => `ACME_KEY="${secret}"\nSECOND='${secret}'\n`,
  (secret) => `model = "gpt-5.6"\nbearer_token = "${secret}"\n`,
  (secret) => `- ${secret}\n- ${JSON.stringify(secret)}\n`,
  (secret) => JSON.stringify(secret),
  (secret) => JSON.stringify({ env: { ANTHROPIC_AUTH_TOKEN: secret } }),
  (secret) => JSON.stringify({ Providers: [{ name: "a", api_key: secret }], Router: {} }),
  (secret) => `model_list:\n  - litellm_params: {api_key: ${JSON.stringify(secret)}}\n`,
  (secret) => `<!DOCTYPE html>\n<p>${secret}</p>\n`,
  (secret) => `ACME_KEY: ${JSON.stringify(secret)}\n`,
  (secret) => `\`\`\`\n${secret}\n\`\`\`\n`,
];

test("nor does that of a file of another kind in the place of a configuration", () => {
  using folder = new TemporaryFolder();
  fc.assert(
    fc.property(secrets, fc.constantFrom(...others), (secret, file) => {
      fc.pre(!render(folder, file("ordinaryword")).includes(secret));
      expect(render(folder, file(secret))).not.toContain(secret);
    }),
    { numRuns: 400 },
  );
});

test.each(others.map((file) => ({ file })))("and no short password of $file", ({ file }) => {
  using folder = new TemporaryFolder();
  expect(render(folder, file("hunter2"))).not.toContain("hunter2");
});
