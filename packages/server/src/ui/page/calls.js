// Calls: those under way and the last that ended, with what was asked of whom.

import { blockButton, isBlocked } from "./actions.js";
import { amount, button, byId, clock, duration, isToday, make, renderIfChanged, setText, timeText } from "./base.js";
import { inWords } from "./providers.js";
import { shownCalls } from "./search.js";
import { t } from "./words.js";

const rows = new Map();

const callStates = {
  running: () => ["live", "", t("under way")],
  complete: () => ["good", "✓", t("complete")],
  error: () => ["bad", "✗", t("error")],
  truncated: () => ["bad", "✂", t("broken off")],
  client_cancelled: () => ["warn", "◌", t("cancelled by the client")],
};

const outcomes = {
  complete: () => t("answered"),
  forwarded: () => t("answered with an error of the request"),
  failed: () => t("failed"),
  retried: () => t("tried again"),
  aborted: () => t("cancelled"),
  abandoned: () => t("given up"),
  running: () => t("under way"),
};

/** Shows the calls that are wanted; only rows that have changed are made anew. */
export function renderCalls(state) {
  const shown = shownCalls(state);
  const { calls, isFiltered: hasFilter } = shown;
  setText(byId("calls-text"), summaryOf(shown));
  const isEmpty = calls.length === 0 && !hasFilter;
  byId("calls-search").hidden = isEmpty;
  byId("calls-card").hidden = isEmpty;
  byId("none-fits").hidden = calls.length > 0;
  byId("empty").hidden = !isEmpty;
  byId("more-calls").hidden = !shown.hasMore;
  byId("cut-calls").hidden = !shown.isCut;
  byId("calls-card").classList.toggle("dated", !calls.every((call) => isToday(call.started_at)));
  setText(byId("export"), `export ANTHROPIC_BASE_URL=${location.origin}`);
  const list = byId("calls");
  const known = new Set(calls.map((call) => call.id));
  for (const [id, row] of rows) {
    if (known.has(id)) continue;
    row.remove();
    rows.delete(id);
  }
  calls.forEach((call, index) => {
    const row = rows.get(call.id) ?? newRow(call.id);
    const blocks = [isBlocked("clients", call.client), isBlocked("sessions", call.session), state.may_control];
    renderIfChanged(row, [call, blocks], () => fillRow(row, call));
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
}

function summaryOf({ live, ended, isFiltered: hasFilter, matched, searched, fault }) {
  if (fault !== null) return fault;
  if (hasFilter && searched > 0) return t("{matched} of the last {searched} calls fit", { matched, searched });
  return live + ended === 0 ? "" : t("{live} under way, {ended} ended", { live, ended });
}

const phases = {
  waiting: () => t("waits for its turn"),
  asking: () => t("waits for an answer"),
  answering: () => t("answering"),
};

/** Writes the phase of a call under way, with its speed if known. */
function phaseText({ phase, tokens_per_second: speed }) {
  const word = phases[phase]?.() ?? "";
  return speed === null ? word : `${word} · ${t("≈ {speed} tokens/s", { speed })}`;
}

function newRow(id) {
  const row = make("li", "", make("details", "", make("summary"), make("ul", "attempts")));
  rows.set(id, row);
  return row;
}

function titled(element, title) {
  element.title = title;
  return element;
}

function fillRow(row, call) {
  const [summary, attempts] = row.children[0].children;
  const [tone, sign, word] = callStates[call.state]();
  const glyph = titled(make("span", `glyph ${tone}`, sign), word);
  glyph.setAttribute("aria-hidden", "true");
  const took = make("span", "num took", call.duration_ms === null ? "" : duration(call.duration_ms));
  if (call.duration_ms === null) took.dataset.since = String(call.started_at);
  const { tokens } = call;
  const counts =
    tokens === null
      ? ""
      : `${amount(tokens.input + tokens.cache_read + tokens.cache_creation)} → ${amount(tokens.output)}`;
  const first = call.first_content_ms === null ? "" : duration(call.first_content_ms);
  summary.replaceChildren(
    glyph,
    make("span", "when", timeText(call.started_at)),
    titled(make("span", "model", call.model), call.model),
    pathOf(call),
    titled(make("span", "num first", first), t("time to first content")),
    took,
    titled(make("span", "num tokens", counts), t("tokens in → out")),
    make("span", "sr", ` ${word}${call.status === null ? "" : `, ${call.status}`}`),
  );
  const items =
    call.attempts.length === 0
      ? [make("li", "", make("span"), make("span", "quiet", call.refusal ?? t("no attempt was made")))]
      : call.attempts.map(attemptItem);
  attempts.replaceChildren(...items, callItem(call));
}

function pathOf(call) {
  const path = make("span", "path");
  call.attempts.forEach((attempt, index) => {
    const isLast = index === call.attempts.length - 1;
    const hasFailed = attempt.outcome === "failed";
    const className = isLast ? (hasFailed ? "gone-last" : "") : hasFailed ? "gone" : "on";
    path.append(make("span", className, attempt.provider));
  });
  if (call.state === "error" && call.status !== null)
    path.append(make("span", "quiet", t("answered {status}", { status: call.status })));
  if (call.state === "running") path.append(make("span", "quiet", phaseText(call)));
  return path;
}

function attemptItem(attempt) {
  const facts = [
    `${outcomes[attempt.outcome]()}${attempt.status === null ? "" : ` (${attempt.status})`}`,
    attempt.reason === null ? null : inWords(attempt),
    attempt.suspect === null ? null : t("suspected: {suspect}", { suspect: attempt.suspect }),
    attempt.duration_ms === null ? null : t("after {time}", { time: duration(attempt.duration_ms) }),
    attempt.first_content_ms === null ? null : t("first content {time}", { time: duration(attempt.first_content_ms) }),
    attempt.cooldown > 0 ? t("out for {time}", { time: clock(attempt.cooldown) }) : null,
    attempt.probe ? t("a probe") : null,
  ];
  const id = attempt.upstream_request_id;
  return make(
    "li",
    "",
    make("span", "quiet", String(attempt.number)),
    make(
      "div",
      "",
      make("b", "", attempt.provider),
      ` ${attempt.model}`,
      make("div", "quiet", facts.filter((fact) => fact !== null).join(" · ")),
      id === null ? "" : copyButton(id, t("Copy the request id")),
    ),
  );
}

/** Of the call itself: its id, and who asked. */
function callItem({ id, client, session, subagent }) {
  const facts = [
    client === null ? null : t("client {name}", { name: client }),
    session === null ? null : t("session {name}", { name: session }),
    subagent ? t("a subagent") : null,
    id,
  ];
  return make(
    "li",
    "",
    make("span"),
    make(
      "div",
      "",
      make("span", "quiet", `${facts.filter((fact) => fact !== null).join(" · ")} `),
      copyButton(id, t("Copy")),
      blockButton("clients", client),
      blockButton("sessions", session),
    ),
  );
}

// Browsers give pages the clipboard over HTTPS and on this machine only.
function copyButton(text, label) {
  if (navigator.clipboard === undefined) return "";
  const element = button(label, "small plain", () => {
    navigator.clipboard.writeText(text).then(
      () => setText(element, t("Copied")),
      () => setText(element, t("It cannot be copied here")),
    );
  });
  return element;
}

export function tickCalls(state, passed) {
  for (const cell of document.querySelectorAll("[data-since]")) {
    setText(cell, duration(Math.round(state.now - Number(cell.dataset.since) + passed * 1000)));
  }
}
