import { CcpbError, type BalancerConfig } from "@ccpb/core";
import type { ConfigProblem } from "@ccpb/core/config";
import { workerCount } from "./worker-count.ts";

/** Number of a worker, from 1, and of all workers. */
export interface WorkerPlace {
  readonly number: number;
  readonly count: number;
}

/**
 * Returns the configuration with this worker's share of each `max_concurrent`: the limit divided by the number of workers, and one more for the first
 * workers while there is a remainder. The shares of all workers together are the limit.
 */
export function withLimitShares(config: BalancerConfig, place: WorkerPlace): BalancerConfig {
  const providers = config.providers.map((provider) =>
    provider.maxConcurrent === undefined
      ? provider
      : { ...provider, maxConcurrent: shareOf(provider.maxConcurrent, place) },
  );
  return { ...config, providers };
}

function shareOf(limit: number, { number, count }: WorkerPlace): number {
  return Math.floor(limit / count) + (number <= limit % count ? 1 : 0);
}

/** Returns an error for each enabled provider whose `max_concurrent` is too small to be divided between `count` workers. */
export function limitShareProblems({ providers }: BalancerConfig, count: number): readonly ConfigProblem[] {
  return providers.flatMap(({ name, enabled, maxConcurrent }, index): readonly ConfigProblem[] => {
    if (!enabled || maxConcurrent === undefined || maxConcurrent >= count) return [];
    const message = `provider "${name}": max_concurrent: ${maxConcurrent} cannot be divided between ${count} workers, each of which needs a share of at least 1; write at least ${count}, or at most ${maxConcurrent} in settings.workers`;
    return [{ path: ["providers", index, "max_concurrent"], target: "value", message, severity: "error" }];
  });
}

/**
 * Checks that every `max_concurrent` can be divided between the workers that run.
 *
 * @throws `CcpbError` (code `configuration`) for the first that cannot.
 */
export function assertLimitShares({
  config,
  server,
}: {
  readonly config: BalancerConfig;
  readonly server: { readonly workers: number | "auto" };
}): void {
  const [problem] = limitShareProblems(config, workerCount(server.workers));
  if (problem === undefined) return;
  throw new CcpbError("configuration", problem.message, { status: 422, type: "invalid_request_error" });
}
