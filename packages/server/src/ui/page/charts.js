// Charts of the last calls.

import { amount, byId, draw, duration, setText } from "./base.js";
import { t } from "./words.js";

const size = { height: 132, top: 8, bottom: 6, left: 46 };

/** The least round number that is not below `largest` and whose half is whole, so that no label of the axis is rounded. */
function scaleOf(largest) {
  const least = Math.max(largest, 4);
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 4, 6, 8, 10].map((step) => step * power).find((bound) => bound >= least) ?? least;
}

function axes(width, room, largest, format) {
  return [0, 0.5, 1].flatMap((part) => {
    const y = size.top + room * (1 - part);
    const text = part === 0 ? "0" : format(largest * part);
    return [
      draw("line", { class: "axis", x1: size.left, x2: width, y1: y, y2: y }),
      draw("text", { class: "label", x: size.left - 8, y: y + 4, "text-anchor": "end" }, text),
    ];
  });
}

function column(call, stack, { x, slot, thickness, room, largest, describe }) {
  const { top } = size;
  const group = draw(
    "g",
    { class: "column" },
    draw("title", {}, describe(call)),
    draw("rect", { class: "hit", x, y: top, width: slot, height: room }),
  );
  let y = top + room;
  for (const [className, value] of stack) {
    const tall = value === 0 ? 0 : Math.max(1.5, (value / largest) * room);
    y -= tall;
    const place = { x: x + (slot - thickness) / 2, y, width: thickness, height: tall, rx: Math.min(2, tall / 2) };
    if (tall > 0) group.append(draw("rect", { class: className, ...place }));
  }
  if (call.state === "error")
    group.append(draw("circle", { class: "bar-bad", cx: x + slot / 2, cy: top + room - 3, r: 2.5 }));
  return group;
}

function renderChart(svg, calls, stacksOf, { format, describe }) {
  const width = Math.max(200, svg.clientWidth);
  const room = size.height - size.top - size.bottom;
  const stacks = calls.map(stacksOf);
  const largest = scaleOf(Math.max(0, ...stacks.map((stack) => stack.reduce((sum, [, value]) => sum + value, 0))));
  const slot = (width - size.left) / Math.max(24, calls.length);
  const thickness = Math.max(2, Math.min(14, slot * 0.68));
  svg.setAttribute("viewBox", `0 0 ${width} ${size.height}`);
  const columns = calls.map((call, index) => {
    const x = width - (calls.length - index) * slot;
    return column(call, stacks[index], { x, slot, thickness, room, largest, describe });
  });
  svg.replaceChildren(...axes(width, room, largest, format), ...columns);
}

const lastProvider = (call) => call.attempts.at(-1)?.provider ?? t("no provider");

export function renderFirst(calls) {
  const svg = byId("first-chart");
  const times = calls
    .flatMap((call) => (call.first_content_ms === null ? [] : [call.first_content_ms]))
    .sort((a, b) => a - b);
  const text =
    times.length === 0
      ? t("nothing yet")
      : t("median {median}, slowest {slowest}", {
          median: duration(times[Math.floor((times.length - 1) / 2)]),
          slowest: duration(times.at(-1)),
        });
  setText(byId("first-text"), text);
  svg.setAttribute(
    "aria-label",
    t("Time to first content of the last {count} calls: {text}", { count: calls.length, text }),
  );
  renderChart(svg, calls, (call) => [["bar", call.first_content_ms ?? 0]], {
    format: duration,
    describe: (call) =>
      `${call.model}: ${call.first_content_ms === null ? call.state : duration(call.first_content_ms)} (${lastProvider(call)})`,
  });
}

export function renderTokens(calls) {
  const svg = byId("token-chart");
  const sum = (name) => calls.reduce((total, call) => total + (call.tokens?.[name] ?? 0), 0);
  const cached = (call) => call.tokens?.cache_read ?? 0;
  const fresh = (call) => (call.tokens?.input ?? 0) + (call.tokens?.cache_creation ?? 0);
  const words = (output, input, cache) =>
    t("{output} output, {input} input, {cache} from cache", {
      output: amount(output),
      input: amount(input),
      cache: amount(cache),
    });
  const text = words(sum("output"), sum("input") + sum("cache_creation"), sum("cache_read"));
  svg.setAttribute("aria-label", t("Tokens of the last {count} calls: {text}", { count: calls.length, text }));
  const stacks = (call) => [
    ["bar", call.tokens?.output ?? 0],
    ["bar-2", fresh(call)],
    ["bar-3", cached(call)],
  ];
  renderChart(svg, calls, stacks, {
    format: amount,
    describe: (call) =>
      `${call.model}: ${call.tokens === null ? t("no counts") : words(call.tokens.output, fresh(call), cached(call))}`,
  });
}
