/** One part of a model's stream: what every version of the interface has in common. */
export interface StreamPart {
  readonly type: string;
}

/** Describes the member of a call's options that `failover` reads. It hands all options on. */
export interface CallOptions {
  readonly abortSignal?: AbortSignal | undefined;
}

/** Describes the member of a whole answer that `failover` reads. */
export interface GenerateResult {
  readonly finishReason: unknown;
}

/** Describes the member of a streamed answer that `failover` reads. */
export interface StreamResult {
  readonly stream: ReadableStream<StreamPart>;
}

/** Patterns of URLs by media type that a model fetches by itself. */
export type SupportedUrls = Readonly<Record<string, RegExp[]>>;

/**
 * A language model of the AI SDK, in any version of its interface: `LanguageModelV2` (AI SDK 5), `LanguageModelV3` (6) and `LanguageModelV4` (7) are
 * assignable.
 */
export interface AnyLanguageModel {
  readonly specificationVersion: string;
  readonly provider: string;
  readonly modelId: string;
  readonly supportedUrls: PromiseLike<Record<string, RegExp[]>> | Record<string, RegExp[]>;
  doGenerate(options: never): PromiseLike<GenerateResult>;
  doStream(options: never): PromiseLike<{ readonly stream: unknown }>;
}

/** The members of a language model that a failover model has as its models do; `supportedUrls` is what they have in common. */
export type ModelMember = "specificationVersion" | "provider" | "modelId" | "doGenerate" | "doStream";

/** A model as it is called here, whatever the version of its interface. */
export interface CallableModel {
  doGenerate(options: CallOptions): PromiseLike<GenerateResult>;
  doStream(options: CallOptions): PromiseLike<StreamResult>;
}
