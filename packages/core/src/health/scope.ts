/** One thing that a call can try: a provider, one of its keys by index, and the upstream model. */
export interface Candidate {
  readonly provider: string;
  readonly keyIndex: number;
  readonly model: string;
}

/** What a circuit is kept for. */
export type CircuitScope =
  | { readonly type: "provider"; readonly provider: string }
  | { readonly type: "deployment"; readonly provider: string; readonly model: string }
  | { readonly type: "key"; readonly provider: string; readonly keyIndex: number }
  | { readonly type: "key-deployment"; readonly provider: string; readonly keyIndex: number; readonly model: string };
