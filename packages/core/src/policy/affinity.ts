/** Which provider each conversation is bound to; bounded, the least recently used is forgotten first. */
export declare class SessionBindings {
  constructor(limit?: number);
  /** The provider whose prompt cache is warm for `session`; undefined once it has been idle for longer than the cache lives (5 min). */
  boundProvider(session: string, nowMs: number): string | undefined;
  /** `provider` has served a request of `session`: the binding moves there, or is refreshed. */
  served(session: string, provider: string, nowMs: number): void;
  retain(providers: ReadonlySet<string>): void;
}
