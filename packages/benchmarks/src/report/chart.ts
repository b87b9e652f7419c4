import type { WorkloadSummary } from "./summary.ts";

// Colours that stay apart for the common kinds of colour blindness (Okabe and Ito), and readable on white and on black.
const colours = ["#999999", "#56b4e9", "#0072b2", "#d55e00", "#e69f00", "#009e73", "#cc79a7"];
const [rowHeight, groupGap, left, right, top] = [16, 14, 170, 90, 64];
const width = 860;

/** Bars of CPU per request as multiples of the reference on a logarithmic scale, one group for each workload that has ratios. */
export function cpuChart(summaries: readonly WorkloadSummary[], caption: string): string {
  const groups = summaries
    .map((summary) => ({
      title: summary.workload.id,
      reference: summary.reference,
      bars: summary.candidates.flatMap(({ candidate, ratio }) => (ratio === undefined ? [] : [{ candidate, ratio }])),
    }))
    .filter((group) => group.bars.length > 1);
  const names = [...new Set(groups.flatMap((group) => group.bars.map((bar) => bar.candidate)))];
  const ratios = groups.flatMap((group) => group.bars.map((bar) => bar.ratio));
  const [low, high] = [Math.min(0.1, ...ratios), Math.max(10, ...ratios)];
  const x = (ratio: number): number =>
    left + ((Math.log10(ratio) - Math.log10(low)) / (Math.log10(high) - Math.log10(low))) * (width - left - right);
  const parts: string[] = [];
  let y = top;
  for (const group of groups) {
    parts.push(
      text(8, y + 12, group.title, 'font-weight="bold"'),
      text(8, y + 27, `× ${group.reference}`, 'opacity="0.6"'),
    );
    for (const { candidate, ratio } of group.bars) {
      const colour = colours[names.indexOf(candidate) % colours.length] ?? "#999999";
      const [from, to] = [Math.min(x(1), x(ratio)), Math.max(x(1), x(ratio))];
      parts.push(
        `<rect x="${from.toFixed(1)}" y="${y + 2}" width="${Math.max(1.5, to - from).toFixed(1)}" height="${rowHeight - 4}" fill="${colour}"/>`,
        text(to + 5, y + 12, ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0), 'font-size="11"'),
        text(left - 6, y + 12, candidate, 'text-anchor="end" font-size="11"'),
      );
      y += rowHeight;
    }
    y += groupGap;
  }
  const decades = [0.1, 1, 10, 100, 1_000].filter((each) => each >= low && each <= high);
  const grid = decades.flatMap((each) => [
    `<line x1="${x(each).toFixed(1)}" x2="${x(each).toFixed(1)}" y1="${top - 8}" y2="${y}" stroke="currentColor" opacity="${each === 1 ? 0.7 : 0.2}"/>`,
    text(x(each), top - 12, `${each} ×`, 'text-anchor="middle" font-size="11"'),
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 20}" width="${width}" height="${y + 20}" font-family="sans-serif" font-size="12" color="#444">`,
    `<title>CPU time a request, as multiples of the bare proxy (logarithmic, shorter is better)</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(
      8,
      18,
      "CPU time a request as multiples of a bare proxy (logarithmic; left of 1 × is cheaper)",
      'font-weight="bold"',
    ),
    text(8, 34, caption, 'font-size="11" opacity="0.7"'),
    ...grid,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x.toFixed(1)}" y="${y}" fill="currentColor" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
