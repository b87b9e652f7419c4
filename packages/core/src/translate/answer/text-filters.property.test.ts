import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StopAutomaton } from "./stop-automaton.ts";
import { StopSequenceCutter, ThinkTagSplitter } from "./text-filters.ts";

const words = fc.array(
  fc.constantFrom("a", "<", "<think>", "</think>", "<thi", "nk>", "</", "EN", "END", "E", "\n\n", "\n"),
  { maxLength: 12 },
);

/** The same text in other pieces. */
function pieces(text: string, sizes: readonly number[]): string[] {
  const parts: string[] = [];
  for (let start = 0, turn = 0; start < text.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    parts.push(text.slice(start, start + size));
    start += size;
  }
  return parts;
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

describe("think tags", () => {
  it("split a text the same way in any pieces", () => {
    fc.assert(
      fc.property(words, sizes, (parts, split) => {
        const text = parts.join("");
        const out: [string, string][] = [];
        const add = (kind: string) => (piece: string) => {
          const last = out.at(-1);
          if (last?.[0] === kind) last[1] += piece;
          else out.push([kind, piece]);
        };
        const splitter = new ThinkTagSplitter({ text: add("text"), thinking: add("thinking") });
        for (const piece of pieces(text, split)) splitter.push(piece);
        splitter.flush();

        const expected: [string, string][] = [];
        let rest = text;
        for (let kind = "text"; rest !== ""; kind = kind === "text" ? "thinking" : "text") {
          const tag = kind === "text" ? "<think>" : "</think>";
          const at = rest.indexOf(tag);
          const piece = at === -1 ? rest : rest.slice(0, at);
          const last = expected.at(-1);
          if (piece !== "" && last?.[0] === kind) last[1] += piece;
          else if (piece !== "") expected.push([kind, piece]);
          rest = at === -1 ? "" : rest.slice(at + tag.length);
        }
        expect(out).toEqual(expected);
      }),
    );
  });
});

describe("stop sequences", () => {
  it("cut a text before the first of them in any pieces", () => {
    fc.assert(
      fc.property(
        words,
        sizes,
        fc.uniqueArray(fc.constantFrom("END", "\n\n", "</think>", ""), { minLength: 1 }),
        (parts, split, sequences) => {
          const text = parts.join("");
          let out = "";
          const cutter = new StopSequenceCutter(new StopAutomaton(sequences), (piece) => (out += piece));
          for (const piece of pieces(text, split)) cutter.push(piece);
          cutter.flush();

          const found = sequences
            .filter((sequence) => sequence !== "" && text.includes(sequence))
            .map((sequence) => text.indexOf(sequence));
          const first = Math.min(text.length, ...found);
          expect(out).toBe(text.slice(0, first));
          expect(cutter.matched === undefined ? text.length : text.indexOf(cutter.matched)).toBe(first);
        },
      ),
    );
  });
});
