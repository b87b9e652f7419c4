import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ChatRequest, MessagesRequest } from "@ccpb/core/protocol";

/** A recorded Responses body, from clients other than ours. */
export type RecordedResponses = Readonly<Record<string, unknown>> & { readonly input: unknown };

/** A recorded request and the bytes of its answer, where one was recorded. */
export interface RecordedRequest<Body> {
  readonly id: string;
  readonly vendor: string;
  readonly status: number | null;
  readonly stream: boolean;
  readonly body: Body;
  /** The text of the answer; "" where there is none. */
  readonly answer: () => string;
}

const folder = fileURLToPath(new URL("../../../../../shared/fixtures/", import.meta.url));

interface Row {
  readonly id: string;
  readonly req: string | null;
  readonly res: string | null;
  readonly dialect: string;
  readonly vendor: string;
  readonly status: number | null;
  readonly stream: boolean;
}

/** Recorded Messages requests that could be read as one; none where the recordings are not there. */
export function recordedMessages(): readonly RecordedRequest<MessagesRequest>[] {
  return read("anthropic-messages") as readonly RecordedRequest<MessagesRequest>[];
}

/** Recorded Chat Completions requests. */
export function recordedChats(): readonly RecordedRequest<ChatRequest>[] {
  return read("openai-chat") as readonly RecordedRequest<ChatRequest>[];
}

/** Recorded Responses requests. */
export function recordedResponses(): readonly RecordedRequest<RecordedResponses>[] {
  return read("openai-responses", "input") as readonly RecordedRequest<RecordedResponses>[];
}

function read(dialect: string, member = "messages"): readonly RecordedRequest<unknown>[] {
  if (!existsSync(`${folder}INDEX.json`)) return [];
  const rows = JSON.parse(readFileSync(`${folder}INDEX.json`, "utf8")) as readonly Row[];
  return rows.flatMap((row) => {
    if (row.dialect !== dialect || row.req === null) return [];
    const body = parse(readFileSync(folder + row.req, "utf8"));
    const answer = (): string => (row.res === null ? "" : readFileSync(folder + row.res, "utf8"));
    const { id, vendor, status, stream } = row;
    return typeof body === "object" && body !== null && member in body
      ? [{ id, vendor, status, stream, body, answer }]
      : [];
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a few recordings hold a request that is no JSON
  }
}
