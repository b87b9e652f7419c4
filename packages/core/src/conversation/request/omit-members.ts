import { isObject } from "../../base/json.ts";

/**
 * Returns a request body without the members at `paths`. Members on no path are shared with `body`, which is not changed.
 *
 * @param paths - members with `*` for every index of a list: `store`, `messages.*.name`.
 */
export function omitMembers<Body extends object>(body: Body, paths: readonly string[]): Body {
  let left: unknown = body;
  for (const path of paths) left = without(left, path.split("."));
  return left as Body; // the same members, fewer of them: what a vendor does not take is optional in its API
}

function without(node: unknown, [step = "", ...rest]: readonly string[]): unknown {
  if (Array.isArray(node)) return step === "*" ? node.map((element: unknown) => without(element, rest)) : node;
  if (!isObject(node) || !Object.hasOwn(node, step)) return node;
  if (rest.length > 0) return { ...node, [step]: without(node[step], rest) };
  return Object.fromEntries(Object.entries(node).filter(([name]) => name !== step));
}
