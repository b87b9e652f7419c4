// Calls: those under way and the last that ended, with what was asked of whom.

import { actButton } from "./actions.js";
import { amount, button, byId, clock, duration, make, page, renderIfChanged, setText, timeText } from "./base.js";
import { inWords } from "./providers.js";
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

/** Whether a call has the words that were typed into the filter: model, provider, client, state or reason. */
function fits(call, words) {
  const texts = [call.id, call.model, call.client, call.state, call.status, callStates[call.state]()[2], call.refusal];
  for (const { provider, model, reason, words: said, upstream_request_id: id } of call.attempts)
    texts.push(provider, model, reason, said, id);
  const whole = texts
    .filter((text) => text !== null && text !== undefined)
    .join("\n")
    .toLowerCase();
  return words.every((word) => whole.includes(word));
}

export function renderCalls(all) {
  const words = byId("filter")
    .value.toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const calls = words.length === 0 ? all : all.filter((call) => fits(call, words));
  const live = all.filter((call) => call.state === "running").length;
  const text = t("{live} under way, {ended} of the last 100 ended", { live, ended: all.length - live });
  setText(byId("calls-text"), all.length === 0 ? "" : text);
  byId("calls-card").hidden = all.length === 0;
  byId("none-fits").hidden = all.length === 0 || calls.length > 0;
  byId("empty").hidden = all.length > 0;
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
    renderIfChanged(row, call, () => fillRow(row, call));
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
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
      ? [make("li", "", "", make("span", "quiet", call.refusal ?? t("no attempt was made")))]
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
  if (call.attempts.length === 0 && call.state === "running") path.append(make("span", "quiet", t("choosing")));
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
function callItem({ id, client }) {
  const isNamed = typeof client === "string";
  const acts = isNamed && page.state.may_control === true ? actButton("block", "clients", client) : "";
  return make(
    "li",
    "",
    "",
    make(
      "div",
      "",
      make("span", "quiet", `${isNamed ? `${t("client {name}", { name: client })} · ` : ""}${id} `),
      copyButton(id, t("Copy")),
      acts,
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
