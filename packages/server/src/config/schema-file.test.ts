import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { schemaFileText } from "./schema-file.ts";

const accepts = new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(schemaFileText()) as object);

function errorsOf(yaml: string): readonly string[] {
  const isAccepted = accepts(parse(yaml));
  return isAccepted ? [] : (accepts.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const good = `providers:
  - name: a
    type: anthropic
    base_url: https://a.example
    auth_value: \${KEY}
`;

test("the schema accepts the example file", () => {
  expect(errorsOf(readFileSync(new URL("../../../../providers.example.yaml", import.meta.url), "utf8"))).toEqual([]);
});

test("it accepts references for values of any type, free x- keys, and the original's keys", () => {
  expect(
    errorsOf(`x-any: {thing: 1}\n${good}settings: {port: "\${PORT:-8080}", metrics: "\${M}", log_level: info}\n`),
  ).toEqual([]);
  expect(
    errorsOf(
      `${good}    streaming_mode: auto\nsettings: {reload: true, app_name: x, oauth: {}, timeouts: {caching: {}}}\n`,
    ),
  ).toEqual([]);
});

test.each([
  ["an unknown key", good.replace("auth_value", "auth_valu"), "/providers/0 must NOT have additional properties"],
  [
    "a word of no list",
    good.replace("type: anthropic", "type: x"),
    "/providers/0/type must be equal to one of the allowed values",
  ],
  ["a missing key", "providers: [{name: a}]\n", "/providers/0 must have required property 'type'"],
  ["a wrong type", `${good}settings: {port: eighty}\n`, "/settings/port must be integer"],
])("it refuses %s", (_, yaml, expected) => {
  expect(errorsOf(yaml)).toContain(expected);
});
