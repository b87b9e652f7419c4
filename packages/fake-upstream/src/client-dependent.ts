import type { Behaviour, BehaviourSource, HttpBehaviour } from "./behaviour.ts";
import { drop, refuse } from "./behaviours.ts";

/** Returns a refusal that quotes the credential that the request came with, as vendors do. */
export function echoCredentials(status: number): BehaviourSource {
  return (request) => {
    const credential = request.headers["x-api-key"] ?? request.headers["authorization"] ?? "none";
    return refuse(status, { message: `Incorrect API key provided: ${credential}` });
  };
}

/** Answers the first request of each connection; later ones on the same connection find it dead before any byte. */
export function staleAfterFirst(behaviour: Behaviour, by: "reset" | "fin" = "reset"): BehaviourSource {
  return (request) => (request.onConnection === 1 ? behaviour : drop(by));
}

/** Returns the answer in the form that was not asked for: JSON for a stream, a stream for JSON. */
export function inOtherForm(behaviour: HttpBehaviour): BehaviourSource {
  return (request) => {
    if (behaviour.payload.type !== "answer") return behaviour;
    return { ...behaviour, payload: { ...behaviour.payload, form: asksForStream(request.body) ? "json" : "stream" } };
  };
}

function asksForStream(body: unknown): boolean {
  return typeof body === "object" && body !== null && "stream" in body && body.stream === true;
}
