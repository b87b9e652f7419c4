/** A piece of what a terminal showed: from when on (seconds), where, and how it looks. */
interface Piece {
  readonly atSeconds: number;
  readonly row: number;
  readonly column: number;
  readonly text: string;
  readonly style: string;
}

const cell = { width: 8.4, height: 18 };
const padding = 16;
const colors: Readonly<Record<string, string>> = { 31: "red", 32: "green", 33: "yellow", 36: "cyan" };
const ends: Readonly<Record<string, readonly string[]>> = {
  0: Object.values(colors).concat("bold", "dim"),
  22: ["bold", "dim"],
  39: Object.values(colors),
};
const css = `text{font:14px ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace;fill:#e6edf3;white-space:pre}
.bold{font-weight:700}.dim{fill:#8b949e}.red{fill:#ff7b72}.green{fill:#56d364}.yellow{fill:#e3b341}.cyan{fill:#76d9e6}
@media (prefers-reduced-motion:no-preference){.line{visibility:hidden;animation:show 0s forwards}@keyframes show{to{visibility:visible}}}`;

/**
 * An asciicast (version 2) as an SVG that plays it once and then stands still. For output that goes on line by line with colours, as `ccpb` writes it;
 * what was erased again (a spinner) is left out. Throws for other movements of the cursor, which it would show wrongly.
 */
export function terminalSvg(cast: string): string {
  const [head = "{}", ...lines] = cast.trimEnd().split("\n");
  const { width, height } = JSON.parse(head) as { width: number; height: number };
  const events = lines.map((line) => JSON.parse(line) as [seconds: number, type: string, text: string]);
  const pieces = draw(events, width);
  const rows = Math.min(height, 1 + Math.max(...pieces.map(({ row }) => row)));
  const size = { width: Math.ceil(width * cell.width) + 2 * padding, height: rows * cell.height + 2 * padding };
  const box = `width="${size.width}" height="${size.height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${box} viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="ccpb in a terminal">`,
    `<style>${css}${scrolling(pieces, rows, events.at(-1)?.[0] ?? 0)}</style>`,
    `<rect ${box} rx="8" fill="#0d1117"/>`,
    `<svg x="${padding}" y="${padding}" width="${size.width - 2 * padding}" height="${rows * cell.height}"><g class="page">`,
    ...pieces.map(textOf),
    "</g></svg>",
    "</svg>",
    "",
  ].join("\n");
}

function draw(events: readonly (readonly [seconds: number, type: string, text: string])[], width: number): Piece[] {
  let pieces: Piece[] = [];
  const style = new Set<string>();
  let row = 0;
  let column = 0;
  for (const [atSeconds, type, output] of events) {
    if (type !== "o") continue;
    // oxlint-disable-next-line no-control-regex -- escapes are what is looked for
    for (const [part] of output.matchAll(/\u001b\[[?\d;]*[A-Za-z]|\r|\n|[^\u001b\r\n]+/g)) {
      if (part === "\n") row += 1;
      else if (part === "\r") column = 0;
      // oxlint-disable-next-line no-control-regex -- the same
      else if (/^\u001b\[\d*G$/.test(part)) column = Number(part.slice(2, -1) || 1) - 1;
      // oxlint-disable-next-line no-control-regex -- the same
      else if (/^\u001b\[0?K$/.test(part)) {
        const [here, from] = [row, column];
        pieces = pieces.filter((piece) => piece.row !== here || piece.column < from);
      } else if (part.startsWith("\u001b")) restyle(style, part.slice(2));
      else {
        if (column + part.length > width) throw new Error(`wider than ${width} columns: ${part}`);
        if (part.trim() !== "") pieces.push({ atSeconds, row, column, text: part, style: [...style].join(" ") });
        column += part.length;
      }
    }
  }
  return pieces;
}

function restyle(style: Set<string>, sequence: string): void {
  // Bracketed paste and the like: nothing to see.
  if (sequence.startsWith("?")) return;
  if (!sequence.endsWith("m")) throw new Error(`a sequence that is not understood: ${sequence}`);
  for (const code of sequence.slice(0, -1).split(";")) {
    for (const name of ends[code === "" ? "0" : code] ?? []) style.delete(name);
    if (code === "1") style.add("bold");
    if (code === "2") style.add("dim");
    const color = colors[code];
    if (color !== undefined) style.add(color);
  }
}

function textOf({ atSeconds, row, column, text, style }: Piece): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const x = (column * cell.width).toFixed(1);
  const y = row * cell.height + 14;
  const length = (text.length * cell.width).toFixed(1);
  const names = style === "" ? "line" : `line ${style}`;
  return `<text class="${names}" x="${x}" y="${y}" textLength="${length}" style="animation-delay:${atSeconds.toFixed(2)}s">${escaped}</text>`;
}

/** Moves the page up by what has come below its last row, as a terminal does. */
function scrolling(pieces: readonly Piece[], rows: number, seconds: number): string {
  const steps = new Map<number, number>();
  for (const { atSeconds, row } of pieces) if (row >= rows) steps.set(atSeconds, row - rows + 1);
  const last = Math.max(0, ...steps.values());
  if (last === 0) return "";
  const up = (lines: number): string => `transform:translateY(-${lines * cell.height}px)`;
  const frames = [...steps].map(([at, lines]) => `${((at / seconds) * 100).toFixed(2)}%{${up(lines)}}`).join("");
  return `.page{${up(last)}}@media (prefers-reduced-motion:no-preference){.page{animation:scroll ${seconds.toFixed(2)}s step-end forwards}@keyframes scroll{0%{transform:none}${frames}to{${up(last)}}}}`;
}
