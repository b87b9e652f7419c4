import {
  Balancer,
  type BalancerConfig,
  type BalancerOptions,
  type BalancerSettings,
  classify,
  type RetryChange,
} from "@ccpb/core";
import type { AnyLanguageModel } from "./model-types.ts";

/** Changes of a request that core makes and a model object cannot be told. */
const impossibleChanges: readonly RetryChange[] = [
  "fresh-credential",
  "provider-time",
  "without-thinking",
  "lower-max-tokens",
  "other-dialect",
  "profile",
];

/**
 * Names models as the balancer knows them: `provider/modelId`, with a number where two models are called the same. Each model object has a health of its
 * own: two that agree in both may differ in address and key.
 */
export function modelNames(models: readonly AnyLanguageModel[]): readonly string[] {
  const counts = new Map<string, number>();
  return models.map(({ provider, modelId }) => {
    const name = `${provider}/${modelId}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

/**
 * Makes a balancer over models: for several failover models that share their knowledge of failures, or one with a
 * clock or a replica of its own.
 *
 * @param models - all models that the failover models made with it may ask, in the order in which they are asked
 *   unless `selectionStrategy` says otherwise.
 * @param settings - settings of the balancer; default: `defaultSettings` of `@ccpb/core`.
 * @param options - clock, random numbers, replica and so on; see `BalancerOptions`.
 * @returns the balancer, for `FailoverOptions.balancer`.
 * @throws TypeError if there is no model, or two have the same name.
 * @example
 * ```ts
 * const balancer = createBalancer([opus, sonnet, gpt], { failureCooldownMs: 60_000 });
 * const big = failover([opus, gpt], { balancer });
 * const small = failover([sonnet, gpt], { balancer });
 * ```
 */
export function createBalancer(
  models: readonly AnyLanguageModel[],
  settings: Partial<BalancerSettings> = {},
  options: BalancerOptions = {},
): Balancer {
  const original = options.classify ?? classify;
  return new Balancer(failoverConfig(modelNames(models), settings), {
    ...options,
    classify: (outcome, facts, rules) => {
      if (outcome.type === "content" || outcome.type === "complete") return original(outcome, facts, rules);
      const retried = new Set<RetryChange>([...facts.retried, ...impossibleChanges]);
      const judgement = original(outcome, { ...facts, retried }, rules);
      if (judgement.type !== "failover" || !judgement.overflow) return judgement;
      // The windows of models are not known here: any other model may have a larger one.
      const { overflow: _, ...others } = judgement;
      return others;
    },
  });
}

function failoverConfig(names: readonly string[], settings: Partial<BalancerSettings>): BalancerConfig {
  return {
    providers: names.map((name) => ({
      name,
      type: "anthropic",
      // Nothing is sent there: the model object knows its own address and credential.
      baseUrl: "https://model.invalid",
      auth: { type: "api_key", keys: ["the model's own"] },
      bigModel: "passthrough",
      smallModel: "passthrough",
    })),
    settings,
  };
}
