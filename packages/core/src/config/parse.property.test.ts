import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConfig } from "./parse.ts";

const words =
  "providers settings model_routes name type base_url auth_type auth_value models headers timeouts big_model enabled profile auth api_keys host port error_rules status match __proto__ constructor";
const keys = fc.constantFrom(...words.split(" "));
const scalars = fc.oneof(
  fc.string(),
  fc.constantFrom("${A}", "${B:-c}", "anthropic", "openai", "passthrough", "https://a.example", "0.0.0.0", "*opus*"),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const documents = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, scalars, fc.array(tie("value"), { maxLength: 4 }), tie("section")),
  section: fc.dictionary(fc.oneof(keys, fc.string()), tie("value"), { maxKeys: 6 }),
})).value;

test("whatever the document is, it is judged and nothing is thrown", () => {
  fc.assert(
    fc.property(documents, fc.dictionary(fc.constantFrom("A", "B"), fc.string()), (document, env) => {
      const result = parseConfig(document, { env });
      if (result.ok) return;
      expect(result.problems.some((problem) => problem.severity === "error")).toBe(true);
      for (const { message } of result.problems) expect(message).toMatch(/^\P{Cc}+$/u);
    }),
    { numRuns: 500 },
  );
});

const secrets = fc
  .string({
    minLength: 8,
    maxLength: 40,
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  })
  .filter((secret) => !secret.includes("${"));

// Something else is wrong with each of these, or with the secret's own place.
const defects: readonly ((secret: string) => Record<string, unknown>)[] = [
  (secret) => ({ auth_value: `${secret}\n` }),
  (secret) => ({ auth_value: [secret, secret, ""] }),
  (secret) => ({ auth_value: { key: secret } }),
  (secret) => ({ auth_value: `Bearer ${secret}` }),
  (secret) => ({ api_key: secret }),
  (secret) => ({ auth_valu: secret }),
  (secret) => ({ headers: { "X-One": `${secret}\u0000`, "bad name": secret } }),
  (secret) => ({ headers: secret }),
  (secret) => ({ proxy: `ftp://u:${secret}@h` }),
  (secret) => ({ proxy: secret }),
  (secret) => ({ base_url: `https://u:${encodeURIComponent(secret)}@h` }),
  (secret) => ({ base_url: `https://h/?key=${secret}` }),
  (secret) => ({ auth_value: secret, type: "neither", weight: "heavy", big_model: 5 }),
];

test("no message holds a key, a header's value or a proxy's password", () => {
  fc.assert(
    fc.property(secrets, fc.constantFrom(...defects), (secret, defect) => {
      const document = (text: string): unknown => ({
        providers: [{ name: "a", type: "anthropic", base_url: "https://a.example", ...defect(text) }],
        settings: { auth: { api_key: text, api_keys: [text, 5] } },
      });
      const textOf = (result: ReturnType<typeof parseConfig>): string =>
        JSON.stringify(result.ok ? result.warnings : result.problems);
      const plain = textOf(parseConfig(document("ordinaryword"), { env: {} }));
      // A secret that is a part of our own words tells nothing.
      fc.pre(!plain.includes(secret));
      expect(textOf(parseConfig(document(secret), { env: {} }))).not.toContain(secret);
    }),
    { numRuns: 400 },
  );
});

test("the same document gives the same configuration", () => {
  fc.assert(
    fc.property(documents, (document) => {
      expect(parseConfig(document, { env: { A: "x" } })).toEqual(parseConfig(document, { env: { A: "x" } }));
    }),
    { numRuns: 100 },
  );
});
