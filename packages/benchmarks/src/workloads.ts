import type { AnswerFixture } from "./fixtures/answer.ts";
import { anthropicMessage, anthropicStream } from "./fixtures/anthropic-answer.ts";
import { chatTextStream, chatToolStream } from "./fixtures/chat-answer.ts";
import { type RequestFixture, claudeCodeBody, smallBody } from "./fixtures/claude-code-body.ts";

/** The model that clients ask for, and the one that proxies have to ask the upstream for. */
export const askedModel = "claude-opus-5-5";
export const upstreamModel = "bench-upstream-model";

/** What a workload is about, and so which of its figures are shown. */
export type WorkloadKind = "throughput" | "paced" | "slow-streams" | "failover" | "large-body";

/** One load on one kind of provider. Everything that differs between workloads is here; how they are run is in `run-workload.ts`. */
export interface Workload {
  readonly id: string;
  readonly title: string;
  readonly kind: WorkloadKind;
  /** The API of the provider: `chat` means that the proxy has to translate. */
  readonly dialect: "anthropic" | "chat";
  request(model: string): RequestFixture;
  answer(model: string): AnswerFixture;
  readonly connections: number;
  /** Requests that each connection makes; absent: as many as fit into the round. */
  readonly perConnection?: number;
  readonly rampUs?: number;
  /** Time between the events of a stream; absent: as fast as they are taken. */
  readonly paceMs?: number;
  /** Events per write of the upstream in a burst. */
  readonly partsPerWrite?: number;
  /** Events of one answer, where the figure is per event. */
  readonly events?: number;
  /** What stands in front of the healthy provider. */
  readonly first?: "refuses" | "fails";
  /** Only in the full mode. */
  readonly fullOnly?: boolean;
}

const small = (stream: boolean) => (model: string) => smallBody({ bytes: 1_000, stream, model });
const shaped = (bytes: number, stream: boolean) => (model: string) => claudeCodeBody({ bytes, stream, model });
const message = (model: string): AnswerFixture => anthropicMessage(model, 1_000);

export const workloads: readonly Workload[] = [
  {
    id: "W1",
    title: "1 kB JSON in and out, 32 clients",
    kind: "throughput",
    dialect: "anthropic",
    request: small(false),
    answer: message,
    connections: 32,
  },
  {
    id: "W2-150k",
    title: "Claude-Code-shaped body of 150 kB, JSON answer, 8 clients",
    kind: "throughput",
    dialect: "anthropic",
    request: shaped(150_000, false),
    answer: message,
    connections: 8,
  },
  {
    id: "W2-300k",
    title: "the same with 300 kB",
    kind: "throughput",
    dialect: "anthropic",
    request: shaped(300_000, false),
    answer: message,
    connections: 8,
  },
  {
    id: "W2-stream",
    title: "300 kB, a stream of 100 events back, 8 clients",
    kind: "throughput",
    dialect: "anthropic",
    request: shaped(300_000, true),
    answer: (model) => anthropicStream(model, 100),
    connections: 8,
    partsPerWrite: 10,
  },
  {
    id: "W3-burst",
    title: "a stream of 300 events in a burst, 64 clients",
    kind: "throughput",
    dialect: "anthropic",
    request: small(true),
    answer: (model) => anthropicStream(model, 300),
    connections: 64,
    partsPerWrite: 10,
    events: 300,
  },
  {
    id: "W3-paced",
    title: "streams with an event every 20 ms, 64 clients",
    kind: "paced",
    dialect: "anthropic",
    request: small(true),
    answer: (model) => anthropicStream(model, 100, true),
    connections: 64,
    perConnection: 1,
    rampUs: 2_300,
    paceMs: 20,
    events: 100,
  },
  {
    id: "W4",
    title: "translated stream of 300 chunks with tool arguments in a burst, 64 clients",
    kind: "throughput",
    dialect: "chat",
    request: small(true),
    answer: (model) => chatToolStream(model, 300),
    connections: 64,
    partsPerWrite: 10,
    events: 300,
  },
  {
    id: "W2x",
    title: "300 kB request translated, a stream of 100 events back, 8 clients",
    kind: "throughput",
    dialect: "chat",
    request: shaped(300_000, true),
    answer: (model) => chatTextStream(model, 100),
    connections: 8,
    partsPerWrite: 10,
  },
  slowStreams("W5-1000", 1_000, 1_500),
  { ...slowStreams("W5-5000", 5_000, 1_500), fullOnly: true },
  failover("W6-refuses", "refuses", "the first provider refuses connections, 32 clients"),
  failover("W6-fails", "fails", "the first provider answers 500, 32 clients"),
  {
    id: "W8",
    title: "20 MB body, JSON answer, 2 clients",
    kind: "large-body",
    dialect: "anthropic",
    request: shaped(20_000_000, false),
    answer: message,
    connections: 2,
  },
];

function slowStreams(id: string, connections: number, rampUs: number): Workload {
  return {
    id,
    title: `${connections.toLocaleString("en")} slow streams at once, an event every 500 ms`,
    kind: "slow-streams",
    dialect: "anthropic",
    request: small(true),
    // Long enough that the last stream begins before the first one ends.
    answer: (model) => anthropicStream(model, Math.ceil((connections * rampUs) / 500_000) + 6, true),
    connections,
    perConnection: 1,
    rampUs,
    paceMs: 500,
  };
}

function failover(id: string, first: "refuses" | "fails", title: string): Workload {
  return {
    id,
    title,
    kind: "failover",
    dialect: "anthropic",
    request: small(false),
    answer: message,
    connections: 32,
    first,
  };
}
