import type { Balancer, BalancerSettings } from "@ccpb/core";
import { drive } from "./driver.ts";
import { createBalancer, modelNames } from "./failover-balancer.ts";
import { generate } from "./generate.ts";
import type { AnyLanguageModel, CallableModel, CallOptions, ModelMember } from "./model-types.ts";
import { stream } from "./stream.ts";
import { commonUrls } from "./supported-urls.ts";

/** Options of `failover`: the settings of its balancer, or a balancer that it shares with others. */
export interface FailoverOptions extends Partial<BalancerSettings> {
  /**
   * Balancer of `createBalancer`, made over all models of this call; settings besides it are refused. Default: a
   * balancer of this model's own.
   */
  readonly balancer?: Balancer;
}

/** A language model in front of others. */
export type FailoverModel<Model extends AnyLanguageModel> = Pick<Model, ModelMember> & {
  readonly supportedUrls: PromiseLike<Record<string, RegExp[]>>;
  /** Balancer behind the model, for health and events: `model.balancer.status()`, `model.balancer.on("call-end", …)`, `model.balancer.reset()`. */
  readonly balancer: Balancer;
};

/**
 * Puts several models of the AI SDK behind one: each call goes to the first healthy model, and to the next where that fails before any content.
 *
 * The caller does not see failures before the first content. A break after it becomes an `error` part of the stream; nothing is said twice. A model
 * that failed is left out for `failureCooldownMs` and then tried again; that knowledge belongs to the returned model, not to single calls.
 *
 * @param models - One model object or more, all of one `specificationVersion`; the first is preferred.
 * @param options - Settings of the balancer in milliseconds, with the defaults of `@ccpb/core`, or a balancer that is shared.
 * @returns A model of the same `specificationVersion`. Its calls reject with the model's own error where the request was at fault, with the abort signal's
 *   reason where the caller left, and otherwise with an `APICallError` of status 503 that names each model and what it failed of.
 * @throws `TypeError` where there is no model, something is no model object, the versions differ, or the balancer does not know a model.
 * @example
 * ```ts
 * // opus and gpt: models of the AI SDK, such as anthropic("claude-opus-5-5") and openai("gpt-5.6").
 * const model = failover([opus, gpt], { failureCooldownMs: 60_000 });
 * const { content } = await model.doGenerate({ prompt: [{ role: "user", content: [{ type: "text", text: "Hi" }] }] });
 * ```
 */
export function failover<Model extends AnyLanguageModel>(
  models: readonly Model[],
  options: FailoverOptions = {},
): FailoverModel<Model> {
  const { balancer: given, ...settings } = options;
  const first = checkModels(models);
  const names = modelNames(models);
  const balancer = given ?? createBalancer(models, settings);
  if (given) checkBalancer(given, names, settings);
  const byName = new Map<string, CallableModel>();
  for (const [index, name] of names.entries()) byName.set(name, models[index] as unknown as CallableModel);
  const driveWith = (isStream: boolean, signal: AbortSignal | undefined) => ({
    balancer,
    models: byName,
    stream: isStream,
    signal,
  });
  const model = {
    specificationVersion: first.specificationVersion,
    provider: "ccpb.failover",
    modelId: first.modelId,
    get supportedUrls() {
      return commonUrls(models);
    },
    balancer,
    doGenerate: (call: CallOptions) => drive(driveWith(false, call.abortSignal), (trial) => generate(trial, call)),
    doStream: (call: CallOptions) => drive(driveWith(true, call.abortSignal), (trial) => stream(trial, call)),
  };
  return model;
}

function checkModels<Model extends AnyLanguageModel>(models: readonly Model[]): Model {
  const [first] = models;
  if (first === undefined)
    throw new TypeError("failover needs at least one model: failover([anthropic(…), openai(…)]).");
  for (const [index, model] of models.entries()) {
    if (typeof model !== "object" || typeof model.doStream !== "function" || typeof model.doGenerate !== "function") {
      throw new TypeError(
        `Model ${index + 1} of failover is no language model object: pass what a provider makes, such as anthropic("claude-opus-5-5"), not a name.`,
      );
    }
    if (model.specificationVersion !== first.specificationVersion) {
      throw new TypeError(
        `The models of failover must have one specificationVersion: model 1 has ${first.specificationVersion}, model ${index + 1} has ${model.specificationVersion}. Install the provider packages of one version of the AI SDK.`,
      );
    }
  }
  return first;
}

function checkBalancer(balancer: Balancer, names: readonly string[], settings: Partial<BalancerSettings>): void {
  const [setting] = Object.keys(settings);
  if (setting !== undefined) {
    throw new TypeError(
      `failover was given both a balancer and "${setting}": pass settings to createBalancer instead.`,
    );
  }
  const known = new Set(balancer.status().providers.map(({ name }) => name));
  const missing = names.find((name) => !known.has(name));
  if (missing !== undefined) {
    throw new TypeError(`The balancer does not know the model "${missing}": pass all models to createBalancer.`);
  }
}
