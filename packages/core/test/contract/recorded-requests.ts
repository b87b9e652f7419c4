import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChatRequest, MessagesRequest } from "@ccpb/core/protocol";
import { allRows } from "./recordings.ts";

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

/** Recorded Messages requests that could be read as one. */
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
  return allRows().flatMap(({ row, folder }) => {
    if (row.dialect !== dialect || row.req === null) return [];
    const body = parse(readFileSync(join(folder, row.req), "utf8"));
    const answer = (): string => (row.res === null ? "" : readFileSync(join(folder, row.res), "utf8"));
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
