import { expect, test } from "vitest";
import { concatBytes } from "./concat-bytes.ts";
import { applyEdits } from "./edits.ts";
import { leaveOutEdits, setMemberEdits } from "./member-edits.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (parts: readonly Uint8Array[]): string => new TextDecoder().decode(concatBytes(parts));

test.each<[given: string, values: Readonly<Record<string, unknown>>, expected: string]>([
  ["{}", { a: 1 }, '{"a":1}'],
  ['{"a":1}', { a: 2, b: { c: 3 } }, '{"a":2,"b":{"c":3}}'],
  ['{"b":1}', { a: undefined, b: 2 }, '{"b":2}'],
  ['{"a":1}', { a: undefined }, '{"a":1}'],
  ['{"a":1,"a":2}', { a: null }, '{"a":null,"a":null}'],
])("sets members, as a parser reads them: %s with %j", (given, values, expected) => {
  const body = encode(given);
  expect(decode(applyEdits(body, setMemberEdits(body, values)))).toBe(expected);
});

test.each([
  ['{"reasoning":null,"a":1}', "reasoning.summary", '{"reasoning":null,"a":1}'],
  ['{"reasoning":"{\\"summary\\":1}"}', "reasoning.summary", '{"reasoning":"{\\"summary\\":1}"}'],
  ['{"reasoning":{"effort":"low","summary":"auto"}}', "reasoning.summary", '{"reasoning":{"effort":"low"}}'],
  ['{"messages":"hi"}', "messages.*.name", '{"messages":"hi"}'],
  ['{"messages":[{"name":1},null,"name"]}', "messages.*.name", '{"messages":[{},null,"name"]}'],
])("leaves out members where the path leads to any: %s without %s", (given, path, expected) => {
  const body = encode(given);
  expect(decode(applyEdits(body, leaveOutEdits(body, path)))).toBe(expected);
});
