/** How the models of a family count a prompt, in tokens: a starting point that the usage of answers corrects. */
export interface ModelFamily {
  /** For reports. */
  readonly name: string;
  /** Real tokens for one of `textTokens` or o200k. */
  readonly factor: number;
  /** What the API or the chat template says before anything else. */
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
  /** Where a document or search result is to be cited. */
  readonly citations: number;
}

const usual: ModelFamily = {
  name: "other",
  factor: 1,
  base: 0,
  perMessage: 4,
  tools: 60,
  demandedTool: 0,
  perTool: 0,
  toolFactor: 1.2,
  perCall: 20,
  format: 0,
  citations: 0,
};

const claude = { perTool: 35, toolFactor: 1.27, perCall: 45, format: 140, citations: 560 };

// From recorded usage, but for the factors of the newer Claude models: those tokenise denser (platform.claude.com, "Token counting").
const families: readonly (readonly [RegExp, ModelFamily])[] = [
  [
    /claude-?(?:[123]\b|v\d|instant|(?:opus|sonnet|haiku)-?(?:[123]|4(?:[.-][01])?(?![.\d-]|-?[2-9](?!\d))|4(?:[.-][01])?-?[@:-]?20\d{6}))/,
    { ...usual, ...claude, name: "claude up to 4.1", factor: 1.05, tools: 300 },
  ],
  [
    /claude-?(?:opus|sonnet|haiku)-?4[.-][2-6](?!\d)/,
    { ...usual, ...claude, name: "claude 4.5 and 4.6", factor: 1.08, tools: 468, demandedTool: 94 },
  ],
  [/claude|fable|mythos/, { ...usual, ...claude, name: "claude since opus 4.7", factor: 1.45, tools: 265 }],
  [/gpt-?oss/, { ...usual, name: "gpt-oss", base: 60, tools: 30, toolFactor: 0.6, perCall: 35 }],
  [
    /gpt|chatgpt|codex|(?:^|\/)o\d/,
    { ...usual, name: "gpt", perMessage: 3, tools: 22, perTool: 1, toolFactor: 0.42, perCall: 10 },
  ],
  [/gemini|gemma/, { ...usual, name: "gemini", perMessage: 0, tools: 5, toolFactor: 0.35 }],
  [/deepseek/, { ...usual, name: "deepseek", perMessage: 2, tools: 207, toolFactor: 1.4, perCall: 50 }],
  [/kimi|moonshot/, { ...usual, name: "kimi", tools: 12, toolFactor: 1.25 }],
  [/glm/, { ...usual, name: "glm", perMessage: 5, tools: 93, toolFactor: 1.4 }],
  [/qwen|qwq/, { ...usual, name: "qwen", tools: 80, toolFactor: 1.4, perCall: 50 }],
  [/mi[sx]tral|codestral|devstral|magistral/, { ...usual, name: "mistral", perMessage: 3, tools: 18, toolFactor: 1.5 }],
  [/grok/, { ...usual, name: "grok", base: 130, tools: 75, toolFactor: 1.5 }],
  [/llama/, { ...usual, name: "llama", base: 25 }],
  [/minimax/, { ...usual, name: "minimax", base: 30 }],
];

/** The family of an upstream's model, by its name as vendors and gateways write it. */
export function familyOf(model: string): ModelFamily {
  const name = model.toLowerCase();
  return families.find(([pattern]) => pattern.test(name))?.[1] ?? usual;
}
