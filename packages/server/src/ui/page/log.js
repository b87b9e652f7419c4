// The end of the log, while it is open.

import { byId, make, page, renderIfChanged, request, setText, timeText } from "./base.js";
import { t } from "./words.js";

const logEveryMs = 3_000;
const tail = { heardAtMs: -Infinity, isAsking: false, askedFor: "", timer: 0 };

const tones = { WARNING: "warn", ERROR: "bad" };

/** Asks for the lines where they are shown and those that are shown are old. */
export async function askLog() {
  const { state } = page;
  byId("log-section").hidden = state?.has_log !== true;
  if (state?.has_log !== true || !byId("log").open || tail.isAsking) return;
  const query = String(
    new URLSearchParams({ level: byId("log-level").value, text: byId("log-filter").value, limit: 200 }),
  );
  if (query === tail.askedFor && performance.now() - tail.heardAtMs < logEveryMs) return;
  tail.isAsking = true;
  tail.askedFor = query;
  try {
    const { lines, searched } = await request(`ui/log?${query}`, { signal: AbortSignal.timeout(10_000) });
    setText(
      byId("log-text"),
      t("{shown} of the last {searched} lines, the newest first", { shown: lines.length, searched }),
    );
    renderIfChanged(byId("log-lines"), lines, (list) => list.replaceChildren(...lines.map(lineItem)));
  } catch (error) {
    setText(byId("log-text"), error.message);
  } finally {
    tail.heardAtMs = performance.now();
    tail.isAsking = false;
  }
}

function lineItem({ timestamp, level, event, message, request_id: id, worker }) {
  const rest = [id, worker === null ? null : t("worker {worker}", { worker })].filter((part) => part !== null);
  const when = make("span", "when", timeText(Date.parse(timestamp)));
  const facts = make("span", `level ${tones[level] ?? ""}`, level);
  return make(
    "li",
    "",
    when,
    facts,
    make("span", "", make("b", "", event), ` ${message} `, make("span", "quiet", rest.join(" · "))),
  );
}

export function listenToLog() {
  const changed = () => {
    clearTimeout(tail.timer);
    tail.timer = setTimeout(() => void askLog(), 250);
  };
  byId("log").addEventListener("toggle", () => void askLog());
  byId("log-level").addEventListener("change", changed);
  byId("log-filter").addEventListener("input", changed);
}
