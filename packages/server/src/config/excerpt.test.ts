import { expect, test } from "vitest";
import { excerptOf } from "./excerpt.ts";
import { YamlSource } from "./yaml-source.ts";

function lineWith(text: string, marker: string): string {
  const start = text.indexOf(marker);
  return excerptOf(new YamlSource(text), { start, end: start + marker.length }).text;
}

test.each([
  ["a key's value", "providers:\n  - auth_value: sk-ant-1\n", "  - auth_value: •••"],
  ["a list of keys", "providers:\n  - auth_value: [sk-1, 'sk-2']\n", "  - auth_value: [•••, •••]"],
  ["a reference", "providers:\n  - auth_value: ${KEY}\n", "  - auth_value: ${KEY}"],
  ["a reference with a default", "providers:\n  - auth_value: ${KEY:-sk-1}\n", "  - auth_value: ${KEY:-•••"],
  ["a reference among letters", "providers:\n  - auth_value: pre-${KEY}-post\n", "  - auth_value: •••${KEY}•••"],
  ["an empty key", 'providers:\n  - auth_value: ""\n', '  - auth_value: ""'],
  ["a mistyped key", "providers:\n  - auth_valeu: sk-1\n", "  - auth_valeu: •••"],
  ["another program's key", "providers:\n  - apiKey: sk-1\n", "  - apiKey: •••"],
  ["a header", "providers:\n  - headers: {X-Team: platform}\n", "  - headers: {X-Team: •••}"],
  ["a proxy", "providers:\n  - proxy: http://u:p@h\n", "  - proxy: •••"],
  ["credentials in a URL", "providers:\n  - base_url: https://u:p@h\n", "  - base_url: •••"],
  ["a comment", "providers:\n  - name: a # formerly sk-ant-1\n", "  - name: a"],
  ["a plain key", "providers:\n  - name: a b\n", "  - name: a b"],
  ["a number of nobody's", "settings:\n  prot: 80\n", "  prot: 80"],
  ["a text of nobody's", "settings:\n  zzzzzz: whatever\n", "  zzzzzz: •••"],
  ["an anchor's name", "x-a: &name 5\nproviders:\n  - weight: *name\n", "  - weight: •••"],
  ["a model map", 'providers:\n  - models: {"*opus*": claude-opus-5}\n', '  - models: {"*opus*": claude-opus-5}'],
])("%s", (_, text, expected) => {
  const lines = text.split("\n");
  expect(lineWith(text, lines.at(-2)!.trim())).toBe(expected);
});

test("what an alias hands to a key is hidden where it stands", () => {
  expect(lineWith("x-keys: &keys [sk-1, sk-2]\nproviders:\n  - auth_value: *keys\n", "x-keys")).toBe(
    "x-keys: ••• [•••, •••]",
  );
});

test("keys of several lines are hidden on each of them", () => {
  const text = "providers:\n  - auth_value: |\n      sk-ant-1\n    name: a\n";
  expect(lineWith(text, "sk-ant-1")).toBe("•••");
});

test.each([
  ["an open quote", "  - auth_value: 'sk-ant-1", "  - auth_value: •••"],
  ["a colon too few", "  - auth_value sk-ant-1\n    name: a", "  - auth_value •••"],
  ["a list below a key", "  - auth_value:\n      - sk-1: [", "      - •••"],
  ["a header", '  - headers:\n      name: "secret', "      •••"],
  ["keys between brackets", "  [{name: a, auth_value: sk-1, type: x]", "  [{name: a, auth_value: •••"],
  ["plain keys", '  - name: "a', '  - name: "a'],
  ["patterns of models", "  - models:\n      *opus*: x", "      *opus*: x"],
])("where YAML cannot read the file, %s", (_, lines, expected) => {
  const shown = lines.split("\n").find((line) => line.startsWith(expected.slice(0, expected.search(/[•"]|$/))));
  expect(lineWith(`providers:\n${lines}\n`, (shown ?? "").trim())).toBe(expected);
});

test("characters that a terminal could act on are shown as question marks", () => {
  expect(lineWith("providers:\n  - name: a\u001b[31mb\u202ec\n", "name")).toBe("  - name: a?[31mb?c");
});

test("a long line is shown around its place", () => {
  const text = `settings: {allowed_hosts: [${"a.example, ".repeat(60)}x*y]}\n`;
  const start = text.indexOf("x*y");
  const excerpt = excerptOf(new YamlSource(text), { start, end: start + 3 });
  expect(excerpt.text.length).toBeLessThanOrEqual(112);
  expect(excerpt.text.slice(excerpt.caret, excerpt.caret + excerpt.width)).toBe("x*y");
});
