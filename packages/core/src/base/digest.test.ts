import fc from "fast-check";
import { expect, test } from "vitest";
import { digest, digestNumber } from "./digest.ts";

test("a digest has 16 hex digits, whatever the text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 500 }), (text) => /^[0-9a-f]{16}$/.test(digest(text))));
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => Number.isSafeInteger(digestNumber(text, 20))));
});

test("texts that differ in one unit, in order or in length have different digests", () => {
  const texts = new Set<string>();
  for (let index = 0; index < 50_000; index += 1)
    texts.add(`session-${index}`).add(`${"a".repeat(index % 700)}${index}`);
  for (const unit of ["\0", " ", "a", "\ud800", "中"]) {
    for (let length = 0; length < 200; length += 1) texts.add(unit.repeat(length));
  }
  for (const pair of ["ab", "ba", "abc", "acb", "a\0", "\0a"]) texts.add(pair);
  expect(new Set([...texts].map(digest)).size).toBe(texts.size);
  expect(new Set([...texts].map((text) => digestNumber(text, 512))).size).toBe(texts.size);
});

test("each bit of a digest depends on each unit: about half of the bits flip with one of them", () => {
  const bits = (text: string): bigint => BigInt(`0x${digest(text)}`);
  const base = "req_0123456789abcdef";
  for (let at = 0; at < base.length; at += 1) {
    const other = `${base.slice(0, at)}~${base.slice(at + 1)}`;
    const flipped = (bits(base) ^ bits(other)).toString(2).replaceAll("0", "").length;
    expect(flipped).toBeGreaterThan(16);
    expect(flipped).toBeLessThan(48);
  }
});

test("only the end of a text and its length count for a number", () => {
  expect(digestNumber(`x${"a".repeat(20)}`, 20)).toBe(digestNumber(`y${"a".repeat(20)}`, 20));
  expect(digestNumber("a".repeat(20), 20)).not.toBe(digestNumber("a".repeat(21), 20));
});
