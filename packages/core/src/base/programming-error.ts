// The words in which runtimes tell of a failed network: Node, Chromium, Firefox, Safari, Deno, workerd, and undici's body.
const networkWords: readonly string[] = [
  "fetch failed",
  "failed to fetch",
  "networkerror",
  "load failed",
  "network error",
  "network connection lost",
  "error sending request",
  "error decoding response",
  "terminated",
];

/**
 * Decides whether a thrown value shows a mistake in the program that threw it, such as `x is not a function` or an
 * invalid URL. `fetch` rejects with a `TypeError` for network failures, too: those are recognised by their words or
 * their cause, and are no mistake.
 */
export function isProgrammingError(error: unknown): error is Error {
  if (error instanceof ReferenceError) return true;
  if (!(error instanceof TypeError)) return false;
  const text = error.message.slice(0, 40).toLowerCase();
  if (networkWords.some((words) => text.startsWith(words))) return false;
  return error.cause === undefined || error.cause instanceof TypeError;
}
