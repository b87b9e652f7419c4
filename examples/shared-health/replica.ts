import { type HealthReplica, parseHealthChange } from "@ccpb/core";

/** Any pub/sub that carries text: Redis, NATS, Postgres NOTIFY, a BroadcastChannel. Messages may come late, twice, in any order, or not at all. */
export interface Topic {
  publish(message: string): Promise<void>;
  /** Answers how to stop listening. */
  subscribe(listener: (message: string) => void): () => void;
}

/**
 * Lets processes tell each other which provider failed or recovered. It is off the request path: a topic that is slow or dead costs no request
 * anything, each process then only learns by itself.
 */
export function replicaOver(topic: Topic, onError: (error: unknown) => void = console.warn): HealthReplica {
  return {
    // Must return at once and never throw: nobody waits for it.
    publish(change) {
      topic.publish(JSON.stringify(change)).catch(onError);
    },
    // One's own messages come back too; taking a change in twice does nothing.
    subscribe(apply) {
      const stop = topic.subscribe((message) => {
        const change = parseHealthChange(parseJson(message));
        if (change) apply(change);
      });
      return { [Symbol.dispose]: stop };
    },
  };
}

/** What others publish on the topic is foreign: anything that is no JSON is nothing. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
