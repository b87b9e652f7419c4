/** Describes how the models of a family count a prompt, in tokens. The usage of answers corrects these starting values. */
export interface ModelFamily {
  /** For reports. */
  readonly name: string;
  /** Real tokens for one of `textTokens` or o200k. */
  readonly factor: number;
  /** Tokens that the API or the chat template adds in front of every prompt. */
  readonly base: number;
  /** Roles and borders; the system prompt is one. */
  readonly perMessage: number;
  /** The API's own words as soon as one tool exists. */
  readonly tools: number;
  /** On top where the client demands a tool call. */
  readonly demandedTool: number;
  readonly perTool: number;
  /** For one token of a tool's JSON: vendors write schemas in a form of their own. */
  readonly toolFactor: number;
  /** A tool call in the history, with its result. */
  readonly perCall: number;
  /** A demanded output format, besides its schema. */
  readonly format: number;
  /** Tokens for a document or search result with citations. */
  readonly citations: number;
}

/** A family of models by `model`, tested against the lower-case name, and what is known of how it counts. Other members are those of any model. */
export interface TokenFamily extends Partial<ModelFamily> {
  readonly name: string;
  readonly model: RegExp;
}
