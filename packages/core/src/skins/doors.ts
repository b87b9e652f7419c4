import type { DialectName } from "../base/dialect-name.ts";
import { clientPaths } from "../dialects/client-apis.ts";

/** Names the purpose of a request by its path: an answer, a count of tokens, a compacted conversation, or a response that a provider holds. */
export type Door =
  | { readonly dialect: DialectName; readonly type: "answer" | "count" }
  | { readonly dialect: "responses"; readonly type: "compact" }
  | {
      readonly dialect: "responses";
      readonly type: "state";
      readonly id: string;
      readonly rest: "" | "/cancel" | "/input_items";
    };

const fixed: readonly (readonly [path: string, door: Door])[] = [
  ...clientPaths.map(({ end, dialect, type }): readonly [string, Door] => [end, { dialect, type }]),
  ["/responses/compact", { dialect: "responses", type: "compact" }],
];

// No id that a URL would read as a step in its path, such as `..`.
const statePath = /\/responses\/(\w[\w.:~-]{0,199})(\/cancel|\/input_items)?$/;

/** Lists the requests about a response that a provider holds. */
const stateMethods: Readonly<Record<string, readonly string[]>> = {
  "": ["GET", "DELETE"],
  "/cancel": ["POST"],
  "/input_items": ["GET"],
};

/** Returns what a request asks for; undefined where no API has that path with that method. The path may have anything before it, such as `/v1`. */
export function doorOf(method: string, path: string): Door | undefined {
  const found = fixed.find(([end]) => path.endsWith(end));
  if (found) return method === "POST" ? found[1] : undefined;
  const [, id, rest = ""] = statePath.exec(path) ?? [];
  if (id === undefined || stateMethods[rest]?.includes(method) !== true) return undefined;
  return { dialect: "responses", type: "state", id, rest: rest as "" | "/cancel" | "/input_items" }; // the pattern has no other
}

/** Parts of OpenAI's API that no provider is asked for here. Anthropic's API has none of them, so their clients read errors of OpenAI's shape. */
const otherPartsOfOpenai: ReadonlySet<string> = new Set([
  "assistants",
  "audio",
  "batches",
  "chat",
  "completions",
  "containers",
  "conversations",
  "embeddings",
  "evals",
  "fim",
  "fine_tuning",
  "images",
  "moderations",
  "realtime",
  "rerank",
  "threads",
  "uploads",
  "vector_stores",
  "videos",
]);

/**
 * Finds the API whose clients ask at a path, so that errors can be written in its shape.
 *
 * @param path - path of the URL, without the query.
 * @returns the API; Messages for a path that belongs to none.
 * @example
 * ```ts
 * console.log(dialectOfPath("/v1/chat/completions")); // chat
 * ```
 */
export function dialectOfPath(path: string): DialectName {
  const served = clientPaths.find(({ end }) => path.endsWith(end) || path.includes(`${end}/`))?.dialect;
  if (served !== undefined) return served;
  const steps = path.split("/", 20);
  return otherPartsOfOpenai.has(steps[steps.lastIndexOf("v1") + 1] || (steps[1] ?? "")) ? "chat" : "messages";
}

/** Splits a URL, absolute or from the path on; the query has its `?`. No URL class: a server may be handed a path that it refuses, such as `//`. */
export function pathAndQuery(url: string): { readonly path: string; readonly query: string } {
  const [, path = "", query = ""] = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)(\?[^#]*)?/i.exec(url) ?? [];
  return { path, query };
}

/** Returns the model's name in a path that ends as those of Anthropic's Models API do; `""` for the list of all, undefined for other paths. */
export function modelOfPath(path: string): string | undefined {
  const found = /\/v1\/models(?:\/([^/]{1,2000}))?$/.exec(path);
  return found === null ? undefined : (found[1] ?? "");
}

/** Decides whether a method reads: `GET` or `HEAD`. */
export function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** Decides whether a path is the one with which Claude Code 2.1 checks (`HEAD`) that its base URL can be reached. */
export function isProbe(path: string): boolean {
  return path.endsWith("/api/hello");
}

/** Decides by method and path whether the balancer answers a request itself. */
export function isServed(method: string, path: string): boolean {
  return doorOf(method, path) !== undefined || (isRead(method) && (modelOfPath(path) !== undefined || isProbe(path)));
}
