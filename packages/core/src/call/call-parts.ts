import { digest } from "../base/digest.ts";
import type { Candidate } from "../base/scope.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import type { Runtime, Snapshot } from "./runtime.ts";
import type { Waiter } from "./waiting-room.ts";

/** Everything that a call is made of: the client's request, who may serve it, and the balancer's state that it shares with other calls. */
export interface CallParts {
  readonly id: string;
  readonly request: ClientRequest;
  readonly candidates: readonly Candidate[];
  readonly snapshot: Snapshot;
  readonly runtime: Runtime;
  /** The client's name, for events and for turns in the queue. */
  readonly client: string | undefined;
  /** Higher goes first in the queue. */
  readonly priority: number | undefined;
  readonly turn: number;
  readonly session: string | undefined;
  readonly brokenStreamEnding: "error" | "abort";
}

/** Returns the place of a call in the queue. Clients take turns, and so do the sessions (`group`) of one client. */
export function placeInQueue({ id, client, priority, request: { sessionId } }: CallParts): Omit<Waiter, "tryStart"> {
  return { client, priority, group: sessionId === undefined ? id : digest(sessionId) };
}
