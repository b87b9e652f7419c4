/** Kind of a request to a provider. */
export type RequestKind = "message" | "stream" | "count";

/** A member that an envelope adds to a body. */
export interface AddedMember {
  readonly name: string;
  /** Its value as JSON. */
  readonly json: string;
  /** Decides whether the client's own member of that name stays; `value` is its JSON. */
  readonly keeps: (value: string) => boolean;
}

/** Differences of a body from the one that Anthropic's own API is sent. */
export interface BodyEnvelope {
  readonly leavesOut: ReadonlySet<string>;
  readonly adds: readonly AddedMember[];
}

/** Returns a text as one segment of a path: what RFC 3986 allows there stays as it is, as in the official SDKs. */
export function pathSegment(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9\-._~!$&'()*+,=:@]+/g, encodeURIComponent);
}
