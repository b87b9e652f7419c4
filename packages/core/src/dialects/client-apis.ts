import type { DialectName } from "../base/dialect-name.ts";

/** Describes how the requests of one API are told from those of another before they are read. */
export interface ClientApi {
  /** The end of the path at which answers are asked for; anything may stand before it, such as `/v1`. */
  readonly answerPath: string;
  /** The end of the path at which tokens are counted; absent: the API has none. */
  readonly countPath?: string;
  /** The headers of an upstream of the API's family that its clients are sent, by how their names begin. */
  readonly answeredPrefixes: readonly string[];
  /** Message for a client whose request has no prompt. */
  readonly promptDemand: string;
}

/** The APIs of clients, a row each. Their readers and writers are in `client-side.ts`. */
export const clientApis: Readonly<Record<DialectName, ClientApi>> = {
  messages: {
    answerPath: "/v1/messages",
    countPath: "/v1/messages/count_tokens",
    answeredPrefixes: ["anthropic-"],
    promptDemand: "messages: an array is required",
  },
  chat: {
    answerPath: "/chat/completions",
    answeredPrefixes: ["openai-", "x-ratelimit-"],
    promptDemand: "messages: an array is required",
  },
  responses: {
    answerPath: "/responses",
    countPath: "/responses/input_tokens",
    answeredPrefixes: ["openai-", "x-ratelimit-", "x-codex-"],
    promptDemand: "input: a string or an array is required",
  },
};

/** Path at which clients of an API ask. */
export interface ClientPath {
  /** API of the clients. */
  readonly dialect: DialectName;
  /** `answer`: a request for an answer. `count`: a request for a count of tokens. */
  readonly type: "answer" | "count";
  /** End of the path, such as `/chat/completions`; any prefix may stand before it. */
  readonly end: string;
}

/**
 * Paths of all client APIs, and what each is for. For servers that register routes.
 *
 * @example
 * ```ts
 * console.log(clientPaths.map(({ end }) => end).includes("/chat/completions")); // true
 * ```
 */
export const clientPaths: readonly ClientPath[] = Object.entries(clientApis).flatMap(([name, api]) => {
  const dialect = name as DialectName; // `clientApis` has no other keys
  const answer: ClientPath = { dialect, type: "answer", end: api.answerPath };
  return api.countPath === undefined ? [answer] : [answer, { dialect, type: "count", end: api.countPath }];
});
