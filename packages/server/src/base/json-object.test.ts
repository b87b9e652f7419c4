import { expect, it } from "vitest";
import { readObject } from "./json-object.ts";

it.each([
  ['{"a":1}', { a: 1 }],
  [" {} ", {}],
  ['{"a":', undefined],
  ["", undefined],
  ["null", undefined],
  ["[{}]", undefined],
  ['"{}"', undefined],
  ["1", undefined],
])("reads an object from %j", (text, expected) => {
  expect(readObject(text)).toEqual(expected);
});
