// The page: asks for the state, shows it, and follows what its reader does.

import { listenToActions, renderControls, tickControls } from "./actions.js";
import { byId, keyName, make, page, renderIfChanged, request, setText, timeText } from "./base.js";
import { renderCalls, tickCalls } from "./calls.js";
import { askCalls, listenToSearch } from "./search.js";
import { renderFirst, renderTokens } from "./charts.js";
import { askLog, listenToLog } from "./log.js";
import { notesOf, renderProviders, tickProviders, verdictOf } from "./providers.js";
import { askUsage, listenToUsage } from "./usage.js";
import { language, setLanguage, t, translatePage } from "./words.js";

const pollMs = 1500;
const patienceMs = 5000;

async function ask() {
  clearTimeout(page.timer);
  if (page.isAsking) return;
  page.isAsking = true;
  const hasKey = sessionStorage.getItem(keyName) !== null;
  try {
    take(await request("ui/state", { signal: AbortSignal.timeout(patienceMs) }));
  } catch (error) {
    if (error.status === 401) askForKey(hasKey);
    else lose(error);
  } finally {
    page.isAsking = false;
    plan();
  }
}

function plan() {
  clearTimeout(page.timer);
  if (!document.hidden && !page.isPaused && byId("gate").hidden) page.timer = setTimeout(() => void ask(), pollMs);
}

function take(state) {
  page.state = state;
  page.atMs = performance.now();
  page.isLost = false;
  byId("lost").hidden = true;
  byId("gate").hidden = true;
  byId("main").hidden = false;
  byId("forget").hidden = sessionStorage.getItem(keyName) === null;
  document.body.classList.remove("stale");
  render();
  void askUsage();
  void askCalls();
  void askLog();
}

function lose(error) {
  if (!page.isLost) page.lostAt = Date.now();
  page.isLost = true;
  const reason =
    error.name === "TimeoutError"
      ? t("no answer in time")
      : error.status === undefined
        ? t("no connection")
        : error.message;
  const since = t(" since {time} ({reason}). ", { time: timeText(page.lostAt), reason });
  const last = page.state === null ? "" : t("What is below is the last that was heard. ");
  byId("lost").replaceChildren(make("b", "", t("The server is unreachable")), since, last, t("Trying again …"));
  byId("lost").hidden = false;
  document.body.classList.add("stale");
  setText(byId("verdict"), t("Unreachable"));
  document.title = `✗ ${t("unreachable")} · ccpb`;
  showPulse();
}

function askForKey(isWrong) {
  sessionStorage.removeItem(keyName);
  for (const id of ["main", "lost", "forget"]) byId(id).hidden = true;
  byId("wrong").hidden = !isWrong;
  page.isLost = false;
  const isNew = byId("gate").hidden;
  byId("gate").hidden = false;
  setText(byId("verdict"), t("Locked"));
  document.title = "ccpb";
  if (isNew || isWrong) byId("api-key").focus();
  showPulse();
}

function showPulse() {
  const isLocked = !byId("gate").hidden;
  const pulse = byId("pulse");
  const isQuiet = isLocked || page.isPaused || page.state === null;
  pulse.className = page.isLost ? "pulse lost" : isQuiet ? "pulse off" : "pulse";
  const words = [
    [page.isLost, t("unreachable")],
    [isLocked, t("waiting for a key")],
    [page.isPaused, t("paused")],
    [page.state === null, t("connecting")],
  ];
  setText(pulse, words.find(([holds]) => holds)?.[1] ?? t("live"));
}

function render() {
  const { state } = page;
  const healthy = state.healthy_providers;
  const enabled = state.providers.filter((provider) => provider.enabled).length;
  setText(byId("version"), state.version);
  setText(byId("verdict"), verdictOf(state, healthy, enabled));
  document.title = `${healthy === 0 ? "✗" : "✓"} ${healthy}/${enabled} · ccpb`;
  setText(byId("strategy"), t("strategy: {strategy}", { strategy: state.strategy.replaceAll("_", " ") }));
  renderProviders(state);
  renderControls(state);
  const notes = notesOf(state);
  byId("notes").hidden = notes.length === 0;
  setText(byId("notes"), notes.join(" "));
  const ended = state.calls
    .filter((call) => call.state !== "running")
    .slice(0, 60)
    .reverse();
  for (const [id, renderNow] of [
    ["first-chart", renderFirst],
    ["token-chart", renderTokens],
  ]) {
    renderIfChanged(byId(id), { ended, width: byId(id).clientWidth }, () => renderNow(ended));
  }
  renderCalls(state);
  showPulse();
  tick();
}

function tick() {
  const { state } = page;
  if (state === null) return;
  const passed = (performance.now() - page.atMs) / 1000;
  tickProviders(state, passed);
  tickControls(state, passed);
  tickCalls(state, passed);
}

async function explain() {
  const model = byId("explain-model").value.trim();
  const list = byId("explained");
  try {
    const { candidates, others } = await request(`providers/explain?${new URLSearchParams({ model })}`, {
      signal: AbortSignal.timeout(patienceMs),
    });
    const items = candidates.map((one) => make("li", "", make("b", "", one.provider), ` ${one.why}`));
    const rest = others.map((one) => make("li", "quiet", `${one.provider} ${one.why}`));
    list.replaceChildren(...items, ...rest);
  } catch (error) {
    list.replaceChildren(make("li", "quiet", error.message));
  }
}

function listen() {
  byId("gate").addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(keyName, byId("api-key").value.trim());
    byId("api-key").value = "";
    void ask();
  });
  byId("explain").addEventListener("submit", (event) => {
    event.preventDefault();
    void explain();
  });
  byId("forget").addEventListener("click", () => {
    sessionStorage.removeItem(keyName);
    void ask();
  });
  byId("pause").addEventListener("click", () => {
    page.isPaused = !page.isPaused;
    showPause();
    if (page.isPaused) plan();
    else void ask();
  });
  byId("language").addEventListener("click", () => {
    setLanguage(language() === "zh" ? "en" : "zh");
    showPage();
    void askUsage(true);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(page.timer);
    else if (!page.isPaused) void ask();
  });
  addEventListener("resize", () => page.state !== null && render());
  listenToActions(() => void ask());
  listenToUsage();
  listenToLog();
  listenToSearch(() => {
    if (page.state === null) return;
    renderCalls(page.state);
    tick();
  });
}

function showPause() {
  byId("pause").setAttribute("aria-pressed", String(page.isPaused));
  setText(byId("pause"), page.isPaused ? t("Go on") : t("Pause"));
  showPulse();
}

/** Shows everything in the language that was chosen. */
function showPage() {
  translatePage();
  setText(byId("verdict"), t("Looking at the server …"));
  showPause();
  if (page.state !== null) render();
}

showPage();
listen();
setInterval(() => {
  if (!document.hidden && !page.isPaused && !page.isLost) tick();
}, 250);
void ask();
