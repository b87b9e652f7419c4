import type { ModelRoute } from "../config-types.ts";
/** Candidates of the route that covers `requested`, lower priority number first, `passthrough` replaced; undefined where no route does. */
export declare function routeFor(
  routes: readonly ModelRoute[],
  requested: string,
): readonly { readonly provider: string; readonly model: string }[] | undefined;
