/** One quota of a credential, as a provider's answer stated it: how much of it is used, and when it starts anew. */
export interface QuotaWindow {
  /** Name of the window in the provider's words: `5h`, `7d`, `7d_opus`, `requests`, `tokens-minute`. */
  readonly name: string;
  /** The used share: 0 is nothing, 1 is all of it; above 1 where the provider lets it be exceeded. */
  readonly used: number;
  /** Milliseconds; null where the provider does not say. */
  readonly lengthMs: number | null;
  /** Time at which the window starts anew or is full again, in milliseconds since the epoch; null where the provider does not say. */
  readonly resetsAtMs: number | null;
  /** Time at which the provider stated it, in milliseconds since the epoch. */
  readonly heardAtMs: number;
  /** It counts only models in whose names this stands, such as `opus`; absent: all of them. */
  readonly family?: string;
  /** Size of the window and the rest of it, in requests or tokens; absent where the provider states shares. */
  readonly limit?: number;
  readonly remaining?: number;
}
