import type { ModelRoute } from "../base/config-types.ts";
import { matchesGlob } from "../base/glob.ts";
import { passthroughModel } from "./models.ts";

/** Target of a route: a provider by name, and the upstream model there. */
export interface RouteTarget {
  readonly provider: string;
  readonly model: string;
  /** The name is final: the client's own, or one that was mapped already. */
  readonly isFinal: boolean;
}

/**
 * Returns the targets of the route that covers `requested`, lower priority number first; a route that names it exactly (in any case) goes before the
 * first glob that fits. Undefined where no route does: then the provider list decides.
 */
export function routeFor(routes: readonly ModelRoute[], requested: string): readonly RouteTarget[] | undefined {
  const name = requested.toLowerCase();
  const route =
    routes.find(({ pattern }) => pattern.toLowerCase() === name) ??
    routes.find(({ pattern }) => matchesGlob(pattern, requested));
  return route?.candidates
    .toSorted((a, b) => a.priority - b.priority)
    .map(({ provider, model }) => {
      const isFinal = model === passthroughModel;
      return { provider, model: isFinal ? requested : model, isFinal };
    });
}
