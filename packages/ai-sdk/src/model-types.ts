/** One part of a model's stream: what every version of the interface has in common. */
export interface StreamPart {
  readonly type: string;
}

/** Describes the member of a call's options that `failover` reads. It hands all options on. */
export interface CallOptions {
  readonly abortSignal?: AbortSignal | undefined;
}

/** Member of a whole answer that `failover` reads. */
export interface GenerateResult {
  /** Reason why the model stopped, in the form of the model's version. */
  readonly finishReason: unknown;
}

/** Describes the member of a streamed answer that `failover` reads. */
export interface StreamResult {
  readonly stream: ReadableStream<StreamPart>;
}

/** Patterns of URLs by media type that a model fetches by itself. */
export type SupportedUrls = Readonly<Record<string, RegExp[]>>;

/**
 * Language model of the AI SDK, in any version of its interface: `LanguageModelV2` (AI SDK 5), `LanguageModelV3` (6)
 * and `LanguageModelV4` (7) are assignable.
 *
 * @see https://ai-sdk.dev/docs/ai-sdk-core/provider-management
 */
export interface AnyLanguageModel {
  /** Version of the interface: `v2`, `v3` or `v4`. */
  readonly specificationVersion: string;
  /** Name of the AI SDK's provider, such as `anthropic.messages`. */
  readonly provider: string;
  /** Id of the model. */
  readonly modelId: string;
  /** URLs by media type that the provider loads itself. */
  readonly supportedUrls: PromiseLike<Record<string, RegExp[]>> | Record<string, RegExp[]>;
  /**
   * Asks for a whole answer.
   *
   * @param options - prompt and settings, of the model's version.
   * @returns the answer.
   */
  doGenerate(options: never): PromiseLike<GenerateResult>;
  /**
   * Asks for a stream.
   *
   * @param options - prompt and settings, of the model's version.
   * @returns the stream of parts.
   */
  doStream(options: never): PromiseLike<{ readonly stream: unknown }>;
}

/** The members of a language model that a failover model has as its models do; `supportedUrls` is what they have in common. */
export type ModelMember = "specificationVersion" | "provider" | "modelId" | "doGenerate" | "doStream";

/** A model as it is called here, whatever the version of its interface. */
export interface CallableModel {
  doGenerate(options: CallOptions): PromiseLike<GenerateResult>;
  doStream(options: CallOptions): PromiseLike<StreamResult>;
}
