// What operators do: buttons that ask for confirmation, and the list of what is in force.

import { button, byId, clock, make, page, renderIfChanged, request, setText } from "./base.js";
import { t } from "./words.js";

/** `verb`: of the button; `title`, `text`: of the question before it; `hasPart`, `hasSpan`: what may be chosen. */
const acts = {
  disable: {
    verb: () => t("Disable"),
    title: (name) => t("Disable {name}?", { name }),
    text: () => t("It gets no further requests. Those under way go on."),
    hasPart: true,
    hasSpan: true,
  },
  drain: {
    verb: () => t("Drain"),
    title: (name) => t("Drain {name}?", { name }),
    text: () => t("It gets no new sessions. Those that are bound to it go on."),
    hasPart: true,
    hasSpan: true,
  },
  enable: {
    verb: () => t("Enable"),
    title: (name) => t("Enable {name}?", { name }),
    text: () => t("It gets requests again, with all its keys and models."),
  },
  reset: {
    verb: () => t("Reset"),
    title: (name) => t("Reset {name}?", { name }),
    text: () => t("Its cooldowns end at once, and what was learned of it is forgotten."),
    hasPart: true,
  },
  test: {
    verb: () => t("Test"),
    title: (name) => t("Test {name}?", { name }),
    text: () => t("The server asks it for one token, with each of its keys. The vendor counts that as a request."),
    hasPart: true,
  },
  block: {
    verb: () => t("Block"),
    title: (name) => t("Block {name}?", { name }),
    text: () => t("Its requests are answered with 400."),
    hasSpan: true,
  },
  unblock: {
    verb: () => t("Unblock"),
    title: (name) => t("Unblock {name}?", { name }),
    text: () => t("Its requests are served again."),
  },
};

const spans = [
  ["", () => t("until it is taken back")],
  ["10m", () => t("10 minutes")],
  ["1h", () => t("1 hour")],
  ["8h", () => t("8 hours")],
  ["1d", () => t("1 day")],
  ["7d", () => t("7 days")],
];

/** The buttons of a provider; null where this key may not act. */
export function actionsOf(provider) {
  if (page.state.may_control !== true) return null;
  const isHeld = page.state.controls.some(({ type, name }) => type === "provider" && name === provider.name);
  const names = isHeld ? ["enable", "reset", "test"] : ["disable", "drain", "reset", "test"];
  return make("div", "acts", ...names.map((act) => actButton(act, "providers", provider.name)));
}

/** Writes the name of a target, with its kind for clients and sessions. */
function targetText(kind, name) {
  if (kind === "clients") return t("client {name}", { name });
  return kind === "sessions" ? t("session {name}", { name }) : name;
}

/** A button that opens the question before an act. */
export function actButton(act, kind, name, body = {}) {
  const element = button(acts[act].verb(), "small", () => openDialog({ act, kind, name, body }));
  element.dataset.act = act;
  const title = acts[act].title(targetText(kind, name)).replace(/[?？]$/, "");
  element.setAttribute("aria-label", title);
  return element;
}

/** A button to block a client or a session, or to take that back; nothing where this key may not, or the server knows no such client. */
export function blockButton(kind, name) {
  if (page.state.may_control !== true || name === null) return "";
  if (kind === "clients" && !page.state.clients.includes(name)) return "";
  const element = actButton(isBlocked(kind, name) ? "unblock" : "block", kind, name);
  element.textContent = element.getAttribute("aria-label");
  return element;
}

/** Decides whether an operator has blocked a client or a session. */
export function isBlocked(kind, name) {
  const wanted = kind === "clients" ? "client" : "session";
  return page.state.controls.some((control) => control.type === wanted && control.name === name);
}

let wanted = null;

function openDialog(next) {
  wanted = next;
  const { act, kind, name, body } = next;
  const { title, text, verb, hasPart = false, hasSpan = false } = acts[act];
  setText(byId("dialog-title"), title(targetText(kind, name)));
  setText(byId("dialog-text"), text());
  setText(byId("dialog-do"), verb());
  byId("dialog-part").replaceChildren(...partOptions(kind === "providers" ? name : undefined));
  byId("dialog-for").replaceChildren(...spans.map(([value, word]) => option(value, word())));
  byId("dialog-part-label").hidden = !hasPart || body.key !== undefined || body.model !== undefined;
  byId("dialog-for-label").hidden = !hasSpan;
  byId("dialog-reason").value = "";
  byId("dialog-wrong").hidden = true;
  byId("dialog-do").disabled = false;
  byId("dialog").showModal();
}

function option(value, text) {
  const element = make("option", "", text);
  element.value = value;
  return element;
}

/** Lists the parts of a provider to choose from: all of it, a key, or an upstream model. */
function partOptions(name) {
  const { keys = 1, models = [] } = page.state.targets.find((target) => target.name === name) ?? {};
  const numbers = keys > 1 ? Array.from({ length: keys }, (_, index) => index + 1) : [];
  return [
    option("{}", t("the whole provider")),
    ...numbers.map((key) => option(JSON.stringify({ key }), t("key {key}", { key }))),
    ...models.map((model) => option(JSON.stringify({ model }), t("model {model}", { model }))),
  ];
}

async function act(onDone) {
  const { act: verb, kind, name, body } = wanted;
  const span = byId("dialog-for").value;
  const reason = byId("dialog-reason").value.trim();
  const sent = {
    ...(byId("dialog-part-label").hidden ? {} : JSON.parse(byId("dialog-part").value)),
    ...body,
    ...(acts[verb].hasSpan && span !== "" && { for: span }),
    ...(reason !== "" && { reason }),
  };
  byId("dialog-do").disabled = true;
  setText(byId("dialog-do"), t("Working …"));
  try {
    const answer = await request(`${kind}/${encodeURIComponent(name)}/${verb}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(sent),
      signal: AbortSignal.timeout(75_000),
    });
    byId("dialog").close();
    tell([answer.message, answer.warning].filter((text) => typeof text === "string").join(" "), answer.status === "ok");
    onDone();
  } catch (error) {
    setText(byId("dialog-wrong"), error.name === "TimeoutError" ? t("no answer in time") : error.message);
    byId("dialog-wrong").hidden = false;
    byId("dialog-do").disabled = false;
    setText(byId("dialog-do"), acts[verb].verb());
  }
}

/** Shows what came of an act, until it is closed. */
function tell(text, isGood) {
  const close = button("✕", "small plain", () => (byId("said").hidden = true));
  close.setAttribute("aria-label", t("Close"));
  byId("said").className = `notice${isGood ? " good" : ""}`;
  byId("said").replaceChildren(make("span", "", text), close);
  byId("said").hidden = false;
}

/** `onDone`: asks for the new state. */
export function listenToActions(onDone) {
  byId("dialog-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void act(onDone);
  });
  byId("dialog-cancel").addEventListener("click", () => byId("dialog").close());
}

const controlStates = {
  disabled: () => t("disabled"),
  draining: () => t("draining"),
  blocked: () => t("blocked"),
};

/** Lists what operators keep out, with a button to take each back. */
export function renderControls(state) {
  byId("controls").hidden = state.controls.length === 0;
  const facts = state.controls.map(({ remaining, ...control }) => ({ ...control, ends: remaining !== null }));
  renderIfChanged(byId("controls-list"), [facts, state.may_control], (list) =>
    list.replaceChildren(...state.controls.map((control) => controlItem(control, state.may_control === true))),
  );
}

function controlItem(control, mayControl) {
  const { type, name, key, model, state, by, reason, remaining } = control;
  const part = [key === null ? null : t("key {key}", { key }), model].filter((one) => one !== null);
  const label =
    type === "provider" ? name : type === "client" ? t("client {name}", { name }) : t("session {name}", { name });
  const left = make("span", "quiet");
  if (remaining !== null) left.dataset.control = JSON.stringify([type, name, key, model]);
  const act = type === "provider" ? "enable" : "unblock";
  const kind = { provider: "providers", client: "clients", session: "sessions" }[type];
  const body = { ...(key !== null && { key }), ...(model !== null && { model }) };
  return make(
    "li",
    "",
    make(
      "span",
      "",
      make("b", "", [label, ...part].join(" · ")),
      ` ${controlStates[state]?.() ?? state}`,
      make("span", "quiet", ` · ${t("by {by}", { by })}${reason === null ? "" : ` · ${reason}`}`),
      left,
    ),
    mayControl ? actButton(act, kind, name, body) : "",
  );
}

export function tickControls(state, passed) {
  for (const cell of document.querySelectorAll("[data-control]")) {
    const found = state.controls.find(
      ({ type, name, key, model }) => JSON.stringify([type, name, key, model]) === cell.dataset.control,
    );
    if (found !== undefined) setText(cell, ` · ${t("back in {time}", { time: clock(found.remaining - passed) })}`);
  }
}
