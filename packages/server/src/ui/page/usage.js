// Usage: the same sums as `ccpb usage` and `GET /usage`.

import { actButton, isBlocked } from "./actions.js";
import { byId, make, page, request, setText } from "./base.js";
import { t } from "./words.js";

const everyMs = 30_000;

let heardAtMs = -Infinity;
let isAsking = false;

/** Asks for the sums where those that are shown are old; `now`: whatever their age. */
export async function askUsage(now = false) {
  if (isAsking || (!now && performance.now() - heardAtMs < everyMs)) return;
  isAsking = true;
  try {
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const query = new URLSearchParams({ by: byId("usage-by").value, since: byId("usage-since").value, timezone });
    renderUsage(await request(`usage?${query}`, { signal: AbortSignal.timeout(10_000) }));
  } catch (error) {
    setText(byId("usage-text"), error.message);
  } finally {
    heardAtMs = performance.now();
    isAsking = false;
  }
}

const whole = new Intl.NumberFormat("en-US");

/** The cost in each currency, as `ccpb usage` writes it. */
export function costText({ cost, unpriced_calls: unpriced }) {
  const known = Object.entries(cost).map(([currency, sum]) =>
    currency === "USD" ? `$${sum.toFixed(sum < 1 ? 4 : 2)}` : `${sum.toFixed(2)} ${currency}`,
  );
  if (known.length === 0) return unpriced > 0 ? t("unknown") : "$0";
  return unpriced > 0 ? `${known.join(" + ")} + ${t("{calls} calls unknown", { calls: unpriced })}` : known.join(" + ");
}

const columns = [
  [() => t("calls"), (sum) => whole.format(sum.calls)],
  [() => t("failed"), (sum) => whole.format(sum.failures)],
  [() => t("input"), (sum) => whole.format(sum.input_tokens)],
  [() => t("from cache"), (sum) => whole.format(sum.cache_read_tokens)],
  [() => t("written to cache"), (sum) => whole.format(sum.cache_creation_tokens)],
  [() => t("output"), (sum) => whole.format(sum.output_tokens)],
  [() => t("cost"), costText],
];

const missing = {
  unavailable: () => t("usage of the other servers is missing: Redis does not answer"),
  incomplete: () => t("some usage of the other servers is missing: Redis holds too much of a day"),
};

function renderUsage({ by, since, groups, total, other_servers: others }) {
  const began = t("since {time}", { time: new Date(since).toLocaleString("sv-SE").slice(0, 16) });
  setText(byId("usage-text"), others in missing ? `${began} · ${missing[others]()}` : began);
  const cells = (sum) => columns.map(([, text]) => make("td", "num", text(sum)));
  const head = make("tr", "", make("th", "", byId("usage-by").selectedOptions[0].textContent));
  for (const [title] of columns) head.append(make("th", "num", title()));
  const shown = groups.slice(0, 50);
  const body = shown.map((group) => {
    const name = make("th", "", group.name);
    name.scope = "row";
    if (by === "client" && page.state?.may_control === true && page.state.clients.includes(group.name))
      name.append(" ", actButton(isBlocked("clients", group.name) ? "unblock" : "block", "clients", group.name));
    return make("tr", "", name, ...cells(group));
  });
  const hidden = groups.length - shown.length;
  if (hidden > 0) body.push(make("tr", "quiet", make("td", "", t("and {count} more: ccpb usage", { count: hidden }))));
  const foot = make("tr", "", make("th", "", t("total")), ...cells(total));
  byId("usage-table").replaceChildren(make("thead", "", head), make("tbody", "", ...body), make("tfoot", "", foot));
}

export function listenToUsage() {
  for (const id of ["usage-by", "usage-since"]) byId(id).addEventListener("change", () => void askUsage(true));
}
