// Providers: a card each, or a row each where there are many; their circuits, quotas, and what operators keep out.

import { actionsOf } from "./actions.js";
import { byId, clock, duration, make, page, renderIfChanged, setText } from "./base.js";
import { t } from "./words.js";

/** Number of providers from which on they are rows that open. */
const mostCards = 8;

const tags = {
  closed: () => ["good", t("✓ Healthy")],
  "half-open": (provider) => ["warn", provider.probe_under_way ? t("◐ Probing") : t("◐ To be tried")],
  open: () => ["bad", t("✗ Cooling down")],
  disabled: () => ["", t("– Disabled")],
};

function tagOf(provider) {
  if (provider.held === "disabled" && provider.enabled) return ["warn", t("‖ Disabled by an operator")];
  if (provider.held === "draining") return ["warn", t("‖ Draining")];
  if (!provider.healthy && provider.status === "closed") return ["bad", t("✗ Out")];
  return tags[provider.status](provider);
}

export function inWords({ reason, words, upstream_request_id: id }) {
  if (reason === null) return "";
  return `${reason}${words === null ? "" : `, “${words}”`}${id === null ? "" : ` (${t("request id")} ${id})`}`;
}

const nextWords = {
  served: (next) => t("new requests go to {name}", { name: next.provider }),
  probe: (next) => t("the next request probes {name}", { name: next.provider }),
  wait: (next) => waits[next.waits_for](),
  refused: () => t("requests are answered with 503"),
};
const waits = {
  room: () => t("new requests wait for room at a provider"),
  probe: () => t("new requests wait for a probe"),
  host: () => t("new requests wait for the network"),
  hold: () => t("new requests wait until an operator's hold ends"),
};

export function verdictOf(state, healthy, enabled) {
  const next = nextWords[state.next_request.outcome](state.next_request);
  if (healthy === 0) return t("No provider can serve: {next}", { next });
  if (healthy < enabled) return t("{healthy} of {enabled} providers can serve; {next}", { healthy, enabled, next });
  if (enabled === 1) return t("The provider can serve; {next}", { next });
  return t("All {enabled} providers can serve; {next}", { enabled, next });
}

export function notesOf({ host_suspicion: suspicion, waiting }) {
  const notes = [];
  if (suspicion !== null) {
    notes.push(
      t(
        "No provider could be connected to: this machine or its network is suspected. One request at a time tries again.",
      ),
    );
  }
  if (waiting === 1) notes.push(t("1 request waits for its turn."));
  if (waiting > 1) notes.push(t("{waiting} requests wait for their turn.", { waiting }));
  return notes;
}

function standingOf(provider) {
  const { probe_under_way: isProbed, next_probe_in: probe, full, max_concurrent: most, logins_out: logins } = provider;
  const texts = [];
  if (isProbed) texts.push(t("A request probes it now."));
  else if (probe !== null) texts.push(t("No other provider can serve: it is probed before its cooldown is over."));
  if (full && most === null) texts.push(t("It is at its learned limit."));
  if (full && most !== null)
    texts.push(t("It is full: {flight} of {most} requests at once.", { flight: provider.requests.in_flight, most }));
  for (const { key, model, limit } of provider.limits) {
    const payer = key === null ? t("clients’ logins") : t("key {key}", { key });
    texts.push(t("Learned limit for {payer} at {model}: {limit} at once.", { payer, model, limit }));
  }
  for (const { model, profile } of provider.learned)
    texts.push(t("Learned from refusals at {model}: {profile}", { model, profile }));
  if (logins === 1) texts.push(t("It refuses 1 client’s own login."));
  if (logins > 1) texts.push(t("It refuses {logins} clients’ own logins.", { logins }));
  return texts;
}

export function partsOf({ models, keys, key_models: keyModels }) {
  const parts = [
    ...keys.map((key) => ({ ...key, label: t("Key {key}", { key: key.key }) })),
    ...keyModels.map((one) => ({ ...one, label: t("Key {key}, {model}", { key: one.key, model: one.model }) })),
    ...models.map((one) => ({ ...one, label: one.model })),
  ];
  return parts
    .filter((part) => part.status !== "closed")
    .map(({ cooldown_remaining: remaining, ...part }) => ({
      label: part.label,
      status: part.status,
      reason: part.reason === null ? null : inWords(part),
      remaining,
    }));
}

function withoutCountdowns(provider) {
  const { cooldown_remaining: _left, models: _models, keys: _keys, key_models: _both, ...rest } = provider;
  return {
    ...rest,
    next_probe_in: provider.next_probe_in === null ? null : 0,
    learned: rest.learned.map(({ model, profile }) => ({ model, profile })),
    parts: partsOf(provider).map(({ remaining: _left, ...part }) => part),
  };
}

const items = new Map();

/** Shows the providers in their order; only what has changed is made anew, so that nothing that is in use goes away. */
export function renderProviders(state) {
  const list = byId("providers");
  const isCompact = state.providers.length > mostCards;
  list.classList.toggle("compact", isCompact);
  const names = new Set(state.providers.map(({ name }) => name));
  for (const [name, item] of items) {
    if (names.has(name)) continue;
    item.remove();
    items.delete(name);
  }
  state.providers.forEach((provider, index) => {
    const item = items.get(provider.name) ?? make("li", "");
    items.set(provider.name, item);
    const facts = {
      provider: withoutCountdowns(provider),
      rank: index + 1,
      isNext: provider.name === state.current_provider,
      isCompact,
      mayControl: state.may_control,
    };
    renderIfChanged(item, facts, () => fill(item, provider, facts));
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
}

function fill(item, provider, { rank, isNext, isCompact }) {
  item.className = `card provider${provider.enabled ? "" : " off"}`;
  const [tone, word] = tagOf(provider);
  const tag = make("span", `tag ${tone}`, word);
  const body = bodyOf(provider, isNext);
  if (!isCompact) {
    item.replaceChildren(make("div", "head", make("h3", "", provider.name), tag), ...body);
    return;
  }
  const next = isNext && provider.status !== "open" ? make("span", "quiet", ` · ${t("next in line")}`) : "";
  const { total } = provider.requests;
  const wasOpen = item.querySelector("details")?.open === true;
  const left = make("span", "num");
  left.dataset.provider = provider.name;
  const summary = make(
    "summary",
    "",
    make("span", "num rank", String(rank)),
    make("span", "name", provider.name, next),
    tag,
    provider.status === "open" ? left : make("span", "num"),
    make("span", "num wide", total === 1 ? t("1 request") : t("{total} requests", { total })),
    make("span", "num wide", t("{failed} failed", { failed: provider.requests.failed })),
    make("span", "num wide", duration(provider.latency.time_to_first_content_ms)),
  );
  const details = make("details", "", summary, make("div", "inside", ...body));
  details.open = wasOpen;
  item.replaceChildren(details);
}

function bodyOf(provider, isNext) {
  const kind = provider.type === "openai" ? t("translated") : t("native");
  const next = isNext && provider.status !== "open" ? ` · ${t("next in line")}` : "";
  const where = `${kind} · ${provider.base_url.replace(/^https?:\/\//, "")}${next}`;
  const nodes = [make("p", "where", where, make("br"), modelsText(provider))];
  if (provider.status === "open") {
    const left = make("strong");
    left.dataset.provider = provider.name;
    const meter = make("div", "meter");
    meter.dataset.meter = provider.name;
    nodes.push(make("div", "cool", left, make("span", "", inWords(provider))), meter);
  } else if (provider.status === "half-open") {
    nodes.push(make("p", "quiet", t("Its cooldown is over: the next request tries it.")));
  }
  for (const text of standingOf(provider)) nodes.push(make("p", "quiet", text));
  const parts = partsOf(provider);
  if (parts.length > 0) nodes.push(make("ul", "parts", ...parts.map((part) => partItem(provider, part))));
  if (provider.quota.length > 0) nodes.push(make("ul", "quotas", ...provider.quota.map(quotaItem)));
  const fact = (name, value) => [make("dt", "", name), make("dd", "", value)];
  nodes.push(
    make(
      "dl",
      "facts",
      ...fact(t("requests"), String(provider.requests.total)),
      ...fact(t("failed"), String(provider.requests.failed)),
      ...fact(t("in flight"), String(provider.requests.in_flight)),
      ...fact(t("first content"), duration(provider.latency.time_to_first_content_ms)),
    ),
  );
  const acts = actionsOf(provider);
  if (acts !== null) nodes.push(acts);
  return nodes;
}

function modelsText({ big_model: big, small_model: small }) {
  const names = [...new Set([big, small].filter((name) => name !== null))];
  if (names.length === 0) return t("models as its rules say");
  return names.map((name) => (name === "passthrough" ? t("model names passed through") : name)).join(" / ");
}

function partItem(provider, part) {
  const left = make("span");
  left.dataset.part = `${provider.name}\n${part.label}`;
  const reason = part.reason === null ? "" : make("span", "quiet", ` · ${part.reason}`);
  return make("li", "", make("span", "", part.label, reason), left);
}

/** A bar for one quota window: how much of it is used, and when it starts anew. */
function quotaItem({ key, model, window, used, resets_at: resetsAt, limit, remaining }) {
  const percent = Math.round(used * 100);
  const whose = [key === null ? t("clients’ logins") : t("key {key}", { key }), model].filter((part) => part !== null);
  const label = `${window} · ${whose.join(" · ")}`;
  const meter = make("meter", "");
  meter.min = 0;
  meter.max = 1;
  meter.high = 0.8;
  meter.low = 0.8;
  meter.optimum = 0;
  meter.value = Math.min(1, used);
  meter.setAttribute("aria-label", `${label}: ${t("{percent} % used", { percent })}`);
  const rest = limit === null ? "" : `${t("{remaining} of {limit} left", { remaining, limit })} · `;
  const reset = make("span", "quiet");
  if (resetsAt !== null) reset.dataset.resets = resetsAt;
  return make(
    "li",
    "",
    make("span", "", label),
    meter,
    make("span", "num", `${percent} %`),
    make("span", "quiet", rest, reset),
  );
}

/** Moves countdowns on; `passed`: seconds since the state was heard. */
export function tickProviders(state, passed) {
  for (const provider of state.providers) {
    const left = Math.max(0, provider.cooldown_remaining - passed);
    const widest = provider.status === "open" ? Math.max(left, page.widest.get(provider.name) ?? 0) : 0;
    page.widest.set(provider.name, widest);
    const item = items.get(provider.name);
    if (item === undefined) continue;
    for (const cell of item.querySelectorAll("[data-provider]")) setText(cell, clock(left));
    const meter = item.querySelector("[data-meter]");
    if (meter !== null && widest > 0) meter.style.transform = `scaleX(${left / widest})`;
    for (const part of partsOf(provider)) {
      const cell = item.querySelector(`[data-part=${CSS.escape(`${provider.name}\n${part.label}`)}]`);
      if (cell === null) continue;
      const isOver = part.status !== "open" || part.remaining - passed <= 0;
      setText(cell, isOver ? t("next request tries it") : clock(part.remaining - passed));
    }
    for (const cell of item.querySelectorAll("[data-resets]")) {
      const seconds = (Date.parse(cell.dataset.resets) - state.now) / 1000 - passed;
      setText(cell, seconds > 0 ? t("anew in {time}", { time: clock(seconds) }) : "");
    }
  }
}
