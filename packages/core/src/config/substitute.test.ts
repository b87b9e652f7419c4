import { describe, expect, test } from "vitest";
import { substitute } from "./substitute.ts";

const env = { A: "one", B: "two", EMPTY: "", NESTED: "${A}", YAML: "x\nport: 1" };

describe("substitute", () => {
  test.each([
    ["${A}", "one"],
    ["x${A}y${B}z", "xoneytwoz"],
    ["${NONE:-fallback}", "fallback"],
    ["${EMPTY:-fallback}", "fallback"],
    ["${A:-fallback}", "one"],
    ["${NONE:-}", ""],
    ["${EMPTY}", ""],
    ["${NONE:-a:-b}", "a:-b"],
    ["${NONE:-${B}}", "two"],
    ["${NONE:-${ALSO_NONE:-deep}}!", "deep!"],
    ["$${A}", "${A}"],
    ["$$${A}", "$${A}"],
    ["$A $ {A} }", "$A $ {A} }"],
    ["${NESTED}", "${A}"],
    ["${YAML}", "x\nport: 1"],
  ])("makes %j of it what it should: %j", (text, expected) => {
    const { document, faults } = substitute({ text }, env);
    expect(faults).toEqual([]);
    expect(document).toEqual({ text: expected });
  });

  test("missing variables are named with their place, and the text stays", () => {
    const { document, faults } = substitute({ list: ["${NONE} ${A} ${OTHER}"] }, env);
    expect(document).toEqual({ list: ["${NONE} ${A} ${OTHER}"] });
    expect(faults).toEqual([
      { path: ["list", 0], variable: "NONE" },
      { path: ["list", 0], variable: "OTHER" },
    ]);
  });

  test.each(["${A", "${", "${}", "${A-b}", "${A:b}", "${ A}", "${1}", "${NONE:-${}}"])("%j cannot be read", (text) => {
    const { faults } = substitute([text], env);
    expect(faults[0]?.path).toEqual([0]);
    expect(faults[0]?.message).toMatch(/^has a \$\{/);
  });

  test("keys, numbers and what is inherited by the environment object are left alone", () => {
    expect(substitute({ "${A}": 5, b: null, c: true }, env).document).toEqual({ "${A}": 5, b: null, c: true });
    expect(substitute(["${toString}"], env).faults).toHaveLength(1);
  });

  test("says which texts hold something of the environment", () => {
    expect(substitute({ a: "${A}${NONE:-x}", b: "plain", c: "$${A}" }, env).used).toEqual([
      { path: ["a"], variables: ["A", "NONE"] },
    ]);
  });

  test("stops at a document that has no end", () => {
    const circular: unknown[] = [];
    circular.push(circular, circular);
    expect(substitute({ a: circular }, env).isOverfull).toBe(true);
  });
});
