import stringWidth from "string-width";
import { visible } from "../base/visible-text.ts";

/** A cell: its text without any escapes, and how to paint it. */
export interface TableCell {
  readonly text: string;
  readonly paint?: (text: string) => string;
  readonly align?: "right";
}

const gap = 2;
const indent = 4;
// A text that gets a line of its own is wrapped no narrower than this: on a terminal of a few columns one word a line cannot be read.
const narrowestText = 20;

/**
 * Returns rows as aligned lines, by the columns that characters take up on a terminal (CJK: two). Nothing is ever cut: where a row is wider than
 * `width`, its last cell (the reason) moves to lines of its own below, indented and wrapped between words.
 *
 * @param rows their last cell is the one that may be long
 * @param width in terminal columns; `Infinity` where the output is no terminal
 * @returns lines that end with a newline, without trailing spaces
 */
export function renderTable(rows: readonly (readonly (TableCell | string)[])[], width: number): string {
  const cells = rows.map((row) =>
    row.map((cell) => {
      const whole = typeof cell === "string" ? { text: cell } : cell;
      return { ...whole, text: visible(whole.text) };
    }),
  );
  const count = largest(cells.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, index) =>
    largest(cells.map((row) => stringWidth(row[index]?.text ?? ""))),
  );
  return cells.map((row) => rowLines(row, widths, width).join("")).join("");
}

function rowLines(row: readonly TableCell[], widths: readonly number[], width: number): readonly string[] {
  const last = row.findLastIndex(({ text }) => text !== "");
  const shown = row.slice(0, last + 1);
  const reason = shown.at(-1);
  const line = alignedLine(shown, widths);
  const isLastColumn = last > 0 && last === widths.length - 1;
  if (!isLastColumn || reason === undefined || stringWidth(unpainted(shown, widths)) <= width) return [`${line}\n`];
  const { text, paint = (same) => same } = reason;
  const below = wrapWords(text, Math.max(narrowestText, width - indent));
  return [
    `${alignedLine(shown.slice(0, -1), widths).trimEnd()}\n`,
    ...below.map((part) => `${" ".repeat(indent)}${paint(part)}\n`),
  ];
}

function alignedLine(row: readonly TableCell[], widths: readonly number[]): string {
  return row
    .map(({ text, paint, align }, index) => {
      const padding = " ".repeat(Math.max(0, (widths[index] ?? 0) - stringWidth(text)));
      const painted = paint === undefined || text === "" ? text : paint(text);
      return align === "right" ? padding + painted : painted + (index === row.length - 1 ? "" : padding);
    })
    .join(" ".repeat(gap));
}

function unpainted(row: readonly TableCell[], widths: readonly number[]): string {
  return alignedLine(
    row.map(({ text, align }) => ({ text, ...(align !== undefined && { align }) })),
    widths,
  );
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0);
}

/** Returns the text in lines of at most `width` terminal columns, broken between words; a longer word keeps a line of its own, whole. */
export function wrapWords(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const current = lines.at(-1);
    if (current !== undefined && stringWidth(current) + 1 + stringWidth(word) <= width) {
      lines[lines.length - 1] = `${current} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
