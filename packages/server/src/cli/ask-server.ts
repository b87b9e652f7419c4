import { commandName } from "../base/command-name.ts";
import type { ServerAddress } from "./server-address.ts";
import { exitCodes } from "../base/exit-codes.ts";
import { version } from "../base/version.ts";
import { readObject } from "../base/json-object.ts";

/** Answer of a running server; `data` is parsed JSON. Or the message and exit code if there is nothing to show. */
export type ServerAnswer =
  | { readonly type: "answer"; readonly status: number; readonly data: Readonly<Record<string, unknown>> }
  | { readonly type: "failure"; readonly message: string; readonly code: number };

const defaultPatienceMs = 10_000;

/** Options for asking a running server. */
export interface AskOptions {
  /** Default: 10 s. */
  readonly patienceMs?: number;
  /** Sent as JSON; absent: the request has no body. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** Sends one request to a running server. Never rejects. */
export async function askServer(
  address: ServerAddress,
  method: "GET" | "POST",
  path: string,
  { patienceMs = defaultPatienceMs, body }: AskOptions = {},
): Promise<ServerAnswer> {
  const { url, apiKey } = address;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${url}${path}`, {
      method,
      redirect: "error",
      headers: {
        "user-agent": `ccpb/${version}`,
        ...(apiKey !== undefined && { "x-api-key": apiKey }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    text = await response.text();
  } catch (error) {
    return failure(
      `${url} does not answer (${reasonOf(error, patienceMs)}). ${remedyOf(error)}`,
      exitCodes.unreachable,
    );
  }
  if (response.status === 401) {
    const what = apiKey === undefined ? "wants an API key" : "does not accept this API key";
    return failure(
      `${url} ${what}: set CCPB_API_KEY to a key of its settings.auth (api_keys or clients).`,
      exitCodes.failed,
    );
  }
  const data = readObject(text);
  if (data === undefined) {
    return failure(`Something else than ccpb answers at ${url}: name the server with --url.`, exitCodes.unreachable);
  }
  if (response.status === 403) return failure(`${url} refuses: ${errorText(data)}`, exitCodes.failed);
  return { type: "answer", status: response.status, data };
}

/** Returns the message of an error in Anthropic's envelope, or what else there is. */
export function errorText(data: Readonly<Record<string, unknown>>): string {
  const { error } = data;
  if (typeof error === "string") return error;
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return "it gives no reason";
}

function failure(message: string, code: number): ServerAnswer {
  return { type: "failure", message, code };
}

function reasonOf(error: unknown, patienceMs: number): string {
  const code = codeOf(error);
  if (code === "ECONNREFUSED") return "connection refused";
  if (error instanceof Error && error.name === "TimeoutError") return `nothing within ${patienceMs / 1000} s`;
  return code ?? (error instanceof Error ? error.message : String(error));
}

function remedyOf(error: unknown): string {
  const code = codeOf(error) ?? "";
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code)) return "Set NODE_EXTRA_CA_CERTS to the certificate of its authority.";
  return `Start it with ${commandName()} serve, or name another one with --url or CCPB_URL.`;
}

function codeOf(error: unknown): string | undefined {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : undefined;
}
