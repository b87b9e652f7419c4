import { isDispensable } from "../base/dispensable.ts";
import { isObject } from "../base/json.ts";

type JsonObject = Readonly<Record<string, unknown>>;

// Below these members stands the client's own data: names there are not the API's.
const foreignData: ReadonlySet<string> = new Set(
  "parameters input_schema schema arguments json_schema metadata properties".split(" "),
);
const maxDepth = 12;

/**
 * Finds the member of a request that a refusal names.
 *
 * @param body - the request as it was sent.
 * @param name - as the refusal writes it: `store`, `reasoning.summary`, `messages[1].name`, `body -> tools -> 0 -> function -> strict`.
 * @returns its path with `*` for every index, such as `messages.*.name`; undefined where the request holds no such member, or could not do without it.
 */
export function findMember(body: JsonObject, name: string): string | undefined {
  const steps = stepsOf(name);
  if (steps.length === 0 || steps.length > maxDepth) return undefined;
  const snake = steps.map(snakeCase);
  const path =
    find(body, steps) ?? (steps.every((step, index) => step === snake[index]) ? undefined : find(body, snake));
  if (path === undefined) return undefined;
  return isDispensable(path) ? path.join(".") : undefined;
}

function find(body: JsonObject, steps: readonly string[]): readonly string[] | undefined {
  const [only = ""] = steps;
  return walk(body, steps) ?? (steps.length === 1 ? search(body, only, 0) : undefined);
}

/** A name as requests have it: some errors write those of the vendor's own program (`reasoningEffort`). */
function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const leadingWords = /^(?:body|request|params|payload|root|\$)$/i;

function stepsOf(name: string): readonly string[] {
  const steps = name
    .split(/(?:->|→|[.[\]/>\s'"`,()])+/)
    .filter((step) => step !== "")
    .slice(0, maxDepth + 1);
  return steps.length > 1 && leadingWords.test(steps[0] ?? "") ? steps.slice(1) : steps;
}

/**
 * The path along `steps`. A step that leads nowhere is passed over: validators put the kind of a union there (`messages.1.assistant.prefix`). An index
 * that does not fit stands for any: gateways move messages.
 */
function walk(node: unknown, steps: readonly string[]): readonly string[] | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return [];
  if (Array.isArray(node)) {
    const isIndex = /^\d{1,6}$/.test(step) || step === "*";
    const inner = isIndex ? rest : steps;
    const indexed: unknown = isIndex ? node[Number(step)] : undefined;
    for (const element of [indexed, ...node]) {
      const path = element === undefined ? undefined : walk(element, inner);
      if (path !== undefined) return ["*", ...path];
    }
    return undefined;
  }
  if (!isObject(node)) return undefined;
  if (Object.hasOwn(node, step)) {
    const path = walk(node[step], rest);
    if (path !== undefined) return [step, ...path];
  }
  return rest.length === 0 ? undefined : walk(node, rest);
}

/** The first place of a member of that name, wherever the API has members of its own. */
function search(node: unknown, name: string, depth: number): readonly string[] | undefined {
  if (depth > maxDepth) return undefined;
  if (Array.isArray(node)) {
    for (const element of node) {
      const path = search(element, name, depth + 1);
      if (path !== undefined) return ["*", ...path];
    }
    return undefined;
  }
  if (!isObject(node)) return undefined;
  if (Object.hasOwn(node, name)) return [name];
  for (const [key, value] of Object.entries(node)) {
    if (typeof value !== "object" || value === null || foreignData.has(key)) continue;
    const path = search(value, name, depth + 1);
    if (path !== undefined) return [key, ...path];
  }
  return undefined;
}
