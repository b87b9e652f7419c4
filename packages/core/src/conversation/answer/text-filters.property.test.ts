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

/** The same in one look at the whole text. */
function naive(text: string): readonly [string, string][] {
  const begun = /^\s*<think>/.exec(text)?.[0];
  const close = text.indexOf("</think>");
  if (begun !== undefined) {
    if (close === -1) return [["thinking", text.slice(begun.length)]];
    return [["thinking", text.slice(begun.length, close)], ...naiveRest(text.slice(close + 8))];
  }
  if (close === -1 || text.trim() === "") return [["text", text]];
  return [["thinking", text.slice(0, close)], ...naiveRest(text.slice(close + 8))];
}

function naiveRest(text: string): readonly [string, string][] {
  const pair = /^(?<before>.*?)<think>(?<inner>.*?)<\/think>(?<after>.*)$/s.exec(text)?.groups;
  if (pair === undefined) return [["text", text]];
  return [["text", pair["before"] ?? ""], ["thinking", pair["inner"] ?? ""], ...naiveRest(pair["after"] ?? "")];
}

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
        for (const [kind, piece] of naive(text)) {
          const last = expected.at(-1);
          if (last?.[0] === kind) last[1] += piece;
          else if (piece !== "") expected.push([kind, piece]);
        }
        expect(out).toEqual(expected);
      }),
    );
  });
});

describe("an answer with tags", () => {
  const split = (...texts: readonly string[]): readonly string[] => {
    const out: string[] = [];
    const splitter = new ThinkTagSplitter({
      text: (text) => out.push(`text ${text}`),
      thinking: (text) => out.push(`thinking ${text}`),
    });
    for (const text of texts) splitter.push(text);
    splitter.flush();
    return out;
  };

  it("is streamed as thinking from an opening tag on", () => {
    const out: string[] = [];
    const splitter = new ThinkTagSplitter({
      text: (text) => out.push(text),
      thinking: (text) => out.push(`(${text})`),
    });
    splitter.push("\n<think>a");
    expect(out).toEqual(["(a)"]);
    splitter.push("b</think>c");
    expect(out).toEqual(["(a)", "(b)", "c"]);
  });

  it("is thinking before a lone closing tag, however long it took", () => {
    expect(split("Let me", " see.\n</thi", "nk>\n\n42")).toEqual(["thinking Let me see.\n", "text \n\n42"]);
    expect(split(...Array.from({ length: 1_000 }, () => "word "), "</think>42").at(-1)).toBe("text 42");
  });

  it("is text without a closing tag, also where it speaks of an opening one", () => {
    expect(split("The answer", " is 42.").join("")).toBe("text The answer is 42.");
    expect(split("a</think>Use <think> for", " that.")).toEqual(["thinking a", "text Use ", "text <think> for that."]);
  });

  it("waits for no closing tag where reasoning has come in a member of its own", () => {
    const out: string[] = [];
    const splitter = new ThinkTagSplitter({
      text: (text) => out.push(text),
      thinking: (text) => out.push(`(${text})`),
    });
    splitter.settle();
    splitter.push("a");
    expect(out).toEqual(["a"]);
  });

  it("is given out as text where it is longer than any thinking", () => {
    const out: string[] = [];
    const splitter = new ThinkTagSplitter({
      text: (text) => out.push(text),
      thinking: (text) => out.push(`(${text})`),
    });
    for (let count = 0; count < 300; count += 1) splitter.push("x".repeat(1_000));
    expect(out.join("")).toMatch(/^x{200000,}$/);
    const blank = new ThinkTagSplitter({ text: (text) => out.push(text), thinking: (text) => out.push(`(${text})`) });
    for (let count = 0; count < 2_000; count += 1) blank.push(" ");
    blank.flush();
    expect(out.at(-1)?.trim()).toBe("");
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
