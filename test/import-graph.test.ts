import { describe, expect, it } from "vitest";
import { circles, importsIn } from "./import-graph.ts";

describe("importsIn", () => {
  it.each([
    ['import a from "./a.ts";'],
    ['import { a } from "./a.ts";'],
    ['import type { A } from "./a.ts";'],
    ['import { type A } from "./a.ts";'],
    ['import * as a from "./a.ts";'],
    ['import "./a.ts";'],
    ['import a, { type B } from "./a.ts";'],
    ["import { a } from './a.ts'"],
    ['import {\n  a, // of b\n  c,\n} from "./a.ts";'],
    ['export { a } from "./a.ts";'],
    ['export type { A } from "./a.ts";'],
    ['export * from "./a.ts";'],
    ['export type * from "./a.ts";'],
    ['export * as a from "./a.ts";'],
    ['const a = await import("./a.ts");'],
    ["const a = await import(`./a.ts`);"],
    ['type A = import("./a.ts").A;'],
    ['type A = typeof import("./a.ts");'],
    ['import a = require("./a.ts");'],
    ['const a = require("./a.ts");'],
    ['const accept = "*/*"; const a = import("./a.ts"); const all = "*/*";'],
    ['const say = `${await import("./a.ts")}`;'],
    ['import { a } from "./a.ts" with { type: "json" };'],
  ])("reads %s", (text) => {
    expect(importsIn(text)).toEqual(["./a.ts"]);
  });

  it.each([
    ['// import "./a.ts";'],
    ['/* import "./a.ts"; */'],
    ['/** @example\n * import { a } from "./a.ts";\n */'],
    ["const text = 'import \"./a.ts\"';"],
    ['const text = `import { a } from "./a.ts";`;'],
    ['const here = import.meta.url; const text = "./a.ts";'],
    ['export const from = "./a.ts";'],
  ])("finds none in %s", (text) => {
    expect(importsIn(text)).toEqual([]);
  });
});

describe("circles", () => {
  it("finds each, of itself and over others", () => {
    const graph = (...edges: readonly (readonly [string, string[]])[]): string[] => circles(new Map(edges));
    expect(graph(["a", ["b"]], ["b", ["c"]], ["c", []])).toEqual([]);
    expect(graph(["a", ["b", "c"]], ["b", ["d"]], ["c", ["d"]], ["d", []])).toEqual([]);
    expect(graph(["a", ["a"]])).toEqual(["a → a"]);
    expect(graph(["a", ["b"]], ["b", ["c"]], ["c", ["b"]])).toEqual(["b → c → b"]);
    expect(graph(["a", ["b"]], ["b", ["a"]], ["c", ["d"]], ["d", ["c"]])).toEqual(["a → b → a", "c → d → c"]);
  });
});
