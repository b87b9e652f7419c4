// The rule by which calls are found. `views/find-calls.ts` has the same one for the server; a test holds the two together.

const outcomeTests = {
  all: () => true,
  complete: ({ state }) => state === "complete",
  failed: ({ state }) => state === "error" || state === "truncated",
  failover: ({ attempts }) => new Set(attempts.map(({ provider }) => provider)).size > 1,
  cancelled: ({ state }) => state === "client_cancelled",
};

/**
 * Decides whether a call has the words in its model, client, session, providers, state, status, reasons or ids, as
 * the server does, and ended as wanted.
 */
export function fits(call, { words, outcome }) {
  if (!outcomeTests[outcome](call)) return false;
  const texts = [call.id, call.model, call.client, call.session, call.state, call.status, call.refusal];
  for (const { provider, model, status, reason, words: said, upstream_request_id: id } of call.attempts)
    texts.push(provider, model, status, reason, said, id);
  const whole = texts
    .filter((text) => text !== null)
    .join("\n")
    .toLowerCase();
  return words.every((word) => whole.includes(word));
}
