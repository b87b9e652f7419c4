// Which calls are shown: those that the state has, and those that the server finds among the last 2,000.

import { byId, page, request } from "./base.js";
import { fits } from "./filter.js";

/**
 * Number of calls that are shown at first, and that each press of the button adds; the server returns no more than
 * `most`.
 */
const step = 100;
const most = 500;
const filteredEveryMs = 5_000;
const callsEveryMs = 30_000;

const search = {
  found: null,
  limit: step,
  heardAtMs: -Infinity,
  askedFor: "",
  fault: null,
  timer: 0,
  onFound: () => {},
};

/** Reads the search: words in lower case, and the ending of calls. */
export function wantedCalls() {
  const words = byId("filter").value.toLowerCase().split(/\s+/);
  return { words: words.filter((word) => word !== ""), outcome: byId("outcome").value };
}

function isFiltered({ words, outcome }) {
  return words.length > 0 || outcome !== "all";
}

const endOf = (call) => call.started_at + (call.duration_ms ?? 0);
const isRunning = (call) => call.state === "running";

/** The calls to show, and what there is to say of them: those under way, then those that ended, the newest first in both. */
export function shownCalls(state) {
  const wanted = wantedCalls();
  const known = state.calls.filter((call) => fits(call, wanted));
  const live = known.filter(isRunning);
  const byCallId = new Map((usesFound(state) ? (search.found?.calls ?? []) : []).map((call) => [call.id, call]));
  // What the state has of a call is newer than what was found.
  for (const call of known) byCallId.set(call.id, call);
  const ended = [...byCallId.values()].filter((call) => !isRunning(call)).sort((a, b) => endOf(b) - endOf(a));
  const { found } = search;
  const isFull = ended.length >= search.limit || (found !== null && found.matched > ended.length);
  return {
    calls: [...live, ...ended.slice(0, search.limit)],
    live: live.length,
    ended: Math.min(ended.length, search.limit),
    isFiltered: isFiltered(wanted),
    matched: Math.max(found?.matched ?? 0, ended.length),
    searched: found?.searched ?? 0,
    hasMore: isFull && search.limit < most,
    isCut: isFull && search.limit >= most,
    fault: search.fault,
  };
}

/** Decides whether there may be more calls than those of the state. */
function usesFound(state) {
  return (
    isFiltered(wantedCalls()) || search.limit > step || state.calls.filter((call) => !isRunning(call)).length < step
  );
}

/** Asks the server where what it found is old, or was found for something else. */
export async function askCalls() {
  const { state } = page;
  if (state === null || !usesFound(state)) return;
  const { words, outcome } = wantedCalls();
  const query = String(new URLSearchParams({ text: words.join(" "), outcome, limit: search.limit }));
  const isFast = words.length > 0 || outcome !== "all" || search.limit > step;
  const age = performance.now() - search.heardAtMs;
  if (query === search.askedFor && age < (isFast ? filteredEveryMs : callsEveryMs)) return;
  if (query !== search.askedFor) search.found = null;
  search.askedFor = query;
  search.heardAtMs = performance.now();
  try {
    const found = await request(`ui/calls?${query}`, { signal: AbortSignal.timeout(10_000) });
    // Meanwhile something else may have been asked for.
    if (query !== search.askedFor) return;
    search.found = found;
    search.fault = null;
  } catch (error) {
    if (query === search.askedFor) search.fault = error.message;
  }
  search.onFound();
}

/** `onFound`: shows what has changed. */
export function listenToSearch(onFound) {
  search.onFound = onFound;
  const changed = () => {
    search.limit = step;
    onFound();
    clearTimeout(search.timer);
    // Not at each letter.
    search.timer = setTimeout(() => void askCalls(), 250);
  };
  byId("filter").addEventListener("input", changed);
  byId("outcome").addEventListener("change", changed);
  byId("more-calls").addEventListener("click", () => {
    search.limit += step;
    onFound();
    void askCalls();
  });
}
