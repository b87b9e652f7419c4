import stringWidth from "string-width";
import { visible } from "../visible-text.ts";

/** A cell: its text without any escapes, and how to paint it. */
export interface TableCell {
  readonly text: string;
  readonly paint?: (text: string) => string;
  readonly align?: "right";
}

const gap = 2;
const narrowest = 8;

/**
 * Rows as aligned lines, by what characters take up on a terminal (CJK: two columns). Where they are wider than `width`, the widest columns
 * give way and their texts end in `…`. Ends with a newline; no trailing spaces.
 */
export function renderTable(rows: readonly (readonly (TableCell | string)[])[], width: number): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === "string" ? { text: cell } : cell)));
  const count = largest(cells.map((row) => row.length));
  const natural = Array.from({ length: count }, (_, index) =>
    largest(cells.map((row) => stringWidth(visible(row[index]?.text ?? "")))),
  );
  const widths = fitted(natural, width - gap * Math.max(0, count - 1));
  return cells.map((row) => `${rowLine(row, widths)}\n`).join("");
}

function rowLine(row: readonly TableCell[], widths: readonly number[]): string {
  const last = row.findLastIndex(({ text }) => text !== "");
  return row
    .slice(0, last + 1)
    .map(({ text, paint, align }, index) => {
      const room = widths[index] ?? 0;
      const shown = cutToWidth(visible(text), room);
      const padding = " ".repeat(Math.max(0, room - stringWidth(shown)));
      const painted = paint === undefined || shown === "" ? shown : paint(shown);
      return align === "right" ? padding + painted : painted + (index === last ? "" : padding);
    })
    .join(" ".repeat(gap));
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0);
}

function fitted(natural: readonly number[], room: number): readonly number[] {
  const widths = [...natural];
  for (let excess = sum(widths) - room; excess > 0; excess = sum(widths) - room) {
    const widest = widths.indexOf(largest(widths));
    const current = widths[widest] ?? 0;
    if (current <= narrowest) break;
    const second = Math.max(narrowest, largest(widths.filter((_, index) => index !== widest)));
    widths[widest] = Math.max(narrowest, current - Math.max(1, Math.min(excess, current - second)));
  }
  return widths;
}

/** The text cut to so many terminal columns, with `…` in its last one where something is left out. */
export function cutToWidth(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) {
    const wide = stringWidth(segment);
    if (used + wide > width - 1) break;
    kept += segment;
    used += wide;
  }
  return `${kept.trimEnd()}…`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
