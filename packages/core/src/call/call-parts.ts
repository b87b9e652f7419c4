import type { Candidate } from "../base/scope.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import type { Runtime, Snapshot } from "./runtime.ts";

/** Everything that a call is made of: the client's request, who may serve it, and the balancer's state that it shares with other calls. */
export interface CallParts {
  readonly id: string;
  readonly request: ClientRequest;
  readonly candidates: readonly Candidate[];
  readonly snapshot: Snapshot;
  readonly runtime: Runtime;
  /** The client's name, for events. */
  readonly client: string | undefined;
  readonly turn: number;
  readonly session: string | undefined;
  readonly brokenStreamEnding: "error" | "abort";
}
