import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

// A byte-pair encoder takes the square of a run's length: 20,000 CJK characters without a break take a second and more.
const longestRun = 200;
const longRuns = new RegExp(`(\\S{${longestRun + 1},}|\\s{${longestRun + 1},})`, "u");
// A prompt may contain the text of a special token: it is counted as text.
const asText = { disallowedSpecial: new Set<string>() };

/** Tokens of a text in o200k. Runs with or of nothing but white space are cut every 200 characters, so that no text takes more than its length. */
export function countTextTokens(text: string): number {
  let tokens = 0;
  for (const part of text.split(longRuns)) {
    for (const piece of pieces(part)) tokens += countTokens(piece, asText);
  }
  return tokens;
}

/** A part between long runs stays whole. */
function pieces(part: string): readonly string[] {
  if (!longRuns.test(part)) return [part];
  const characters = Array.from(part); // never half of an emoji
  const cut: string[] = [];
  for (let start = 0; start < characters.length; start += longestRun) {
    cut.push(characters.slice(start, start + longestRun).join(""));
  }
  return cut;
}
