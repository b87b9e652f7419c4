import { expect, test } from "vitest";
import { linearCases } from "../src/linear/index.ts";
import type { LinearCase } from "../src/linear/linear-case.ts";

// Each took seconds to minutes at this size, or overflowed the stack, while its time grew with the square of its input.
const largeSizes: Readonly<Record<string, number>> = {
  "chat request, openai: parallel calls": 32_000,
  "responses request, strictest: parallel calls": 32_000,
  "chat request, openai: calls without results": 60_000,
  "chat request, openai: results without calls": 130_000,
  "chat request, strictest: system turns": 64_000,
  "chat request, strictest: user turns of parts": 64_000,
  "responses request, openai: texts between thoughts": 32_000,
  "chat request, openai: references to one large tool": 16_000,
  "chat request, strictest: references to one large definition": 64_000,
  "chat stream: calls of one id": 32_000,
  "chat stream: calls without names behind one": 32_000,
  "chat stream: pieces of one call under new ids": 64_000,
  "chat stream: blank pieces of arguments": 64_000,
  "chat answer: calls": 64_000,
  "responses stream: messages without ids": 16_000,
  "responses stream: messages of other texts without ids": 16_000,
  "responses stream: parts of one message in turn": 32_000,
  "responses answer: items": 32_000,
  "native stream: one long event in pieces": 1_000_000,
  "native body: system turns": 64_000,
  "message assembler: citations": 64_000,
};

test("every large input has its case", () => {
  const names = linearCases.map(({ name }) => name);
  expect(Object.keys(largeSizes).filter((name) => !names.includes(name))).toEqual([]);
});

test.each(linearCases.map((one): [string, LinearCase] => [one.name, one]))(
  "%s is read whole",
  (name, { size, prepare }) => {
    expect(prepare(largeSizes[name] ?? Math.ceil(size / 8))).not.toThrow();
  },
);
