// The same from CommonJS: Node loads the ES module by `require`.
import { Balancer, type BalancerConfig, createFetch, fetchTransport } from "@ccpb/core";
import { parseConfig } from "@ccpb/core/config";
import { fromChatStream, translationContext } from "@ccpb/core/translate";

export const fetchOf = (config: BalancerConfig): typeof fetch =>
  createFetch(new Balancer(config), fetchTransport(fetch));
export { fromChatStream, parseConfig, translationContext };
