import { isObject, textOfJson } from "../base/json-object.ts";
type Line = Readonly<Record<string, unknown>>;

/**
 * Writes the line `request_completed` in short, for people: `alice: opus → anthropic ✗ 429 → kimi ✓ 1.2 s, 26k →
 * 1.3k, $0.08`. Undefined for other lines, and for one that lacks members of such a line.
 */
export function callText(line: Line): string | undefined {
  const { event, model, client, attempts, state, status, duration_ms: ms } = line;
  if (event !== "request_completed" || typeof model !== "string" || !Array.isArray(attempts)) return undefined;
  const whose = typeof client === "string" ? `${client}: ` : "";
  const stops = attempts.filter(isObject).map(attemptText);
  // The last attempt tells how the call ended, unless the call itself knows better.
  const ending = state === "complete" || stops.length > 0 ? "" : ` ✗ ${textOfJson(status)}`;
  const truncated = state === "truncated" ? ", truncated" : state === "client_cancelled" ? ", the client left" : "";
  const parts = [...(typeof ms === "number" ? [secondsText(ms)] : []), ...tokensText(line), ...costText(line["cost"])];
  return `${whose}${[model, ...stops].join(" → ")}${ending} ${parts.join(", ")}${truncated}`;
}

function attemptText({ provider, outcome, status, reason }: Line): string {
  if (outcome === "complete") return `${textOfJson(provider)} ✓`;
  if (outcome === "aborted" || outcome === "abandoned") return `${textOfJson(provider)} –`;
  return `${textOfJson(provider)} ✗ ${textOfJson(status ?? reason ?? outcome)}`;
}

function tokensText(line: Line): readonly string[] {
  const { input_tokens: input, output_tokens: output } = line;
  if (typeof input !== "number" || typeof output !== "number") return [];
  const cached = [line["cache_read_tokens"], line["cache_creation_tokens"]].map((count) =>
    typeof count === "number" ? count : 0,
  );
  return [`${countText(cached.reduce((sum, count) => sum + count, input))} → ${countText(output)}`];
}

function costText(cost: unknown): readonly string[] {
  if (!isObject(cost)) return [];
  return Object.entries(cost).flatMap(([currency, amount]) => {
    if (typeof amount !== "number") return [];
    const text = amount === 0 || amount >= 0.01 ? amount.toFixed(2) : amount.toPrecision(1);
    return [currency === "USD" ? `$${text}` : `${text} ${currency}`];
  });
}

function countText(count: number): string {
  if (count < 1_000) return String(count);
  const [amount, unit] = count < 999_500 ? [count / 1_000, "k"] : [count / 1_000_000, "M"];
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)}${unit}`;
}

function secondsText(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
