export { failover, type FailoverModel, type FailoverOptions } from "./failover.ts";
export { createBalancer } from "./failover-balancer.ts";
export type { AnyLanguageModel, GenerateResult, ModelMember } from "./model-types.ts";
