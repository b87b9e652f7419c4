import type { BalancerConfig, BalancerSettings, ModelRoute, ProviderConfig } from "../base/config-types.ts";
import { balancerSettings } from "./balancer-settings.ts";
import { checkBaseUrl } from "./base-url.ts";
import { cloudBaseUrl } from "./cloud-places.ts";
import type { ConfigDocument, ProviderDocument, RouteCandidateDocument } from "./document-types.ts";
import { describeWhole, foreignProgram } from "./foreign-document.ts";
import { problemsOf } from "./issue-message.ts";
import { modelProblems } from "./model-rules.ts";
import { defined, isSection, pathKey } from "./plain-data.ts";
import { prepare, type ParseConfigOptions, type PreparedDocument } from "./prepare.ts";
import { toNativeProfile, toProfile } from "./profile-schema.ts";
import { errorAt, type ConfigPath, type ConfigProblem } from "./problem.ts";
import { toAuth, toTls } from "./provider-auth.ts";
import { providerProblems } from "./provider-rules.ts";
import { documentSchema } from "./schema.ts";
import type { ServerSettingsDocument } from "./server-document.ts";
import { isSecretPath } from "./secrets.ts";
import { serverSettings } from "./server-settings.ts";
import { readFields } from "./setting.ts";
import { readTimeouts } from "./timeouts-schema.ts";
import { settingsProblems } from "./settings-rules.ts";
import { intendedPaths } from "./unknown-keys.ts";

/** A configuration that can be used, or every problem at once. */
export type ParseConfigResult =
  | {
      readonly ok: true;
      readonly config: BalancerConfig;
      readonly server: ServerSettingsDocument;
      readonly warnings: readonly ConfigProblem[];
    }
  /** At least one problem is an error; warnings are among them. */
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/**
 * Checks a document in the file format (snake_case, seconds) and converts it into configuration (camelCase,
 * milliseconds). It finds all problems at once and does not throw.
 *
 * @param document - parsed YAML or JSON; any value is allowed.
 * @param options - variables for `${NAME}` and overrides from outside the document.
 * @returns the configuration and warnings, or the problems.
 * @example
 * ```ts
 * const result = parseConfig({ providers: [] }, { env: {} });
 * if (!result.ok) console.log(result.problems[0]?.path); // [ 'providers' ]
 * ```
 */
export function parseConfig(document: unknown, options: ParseConfigOptions): ParseConfigResult {
  if (!isSection(document)) {
    const message = `the configuration must be a section with the key providers, not ${describeWhole(document)}; see providers.example.yaml`;
    return { ok: false, problems: [errorAt([], "value", message)] };
  }
  const foreign = foreignProgram(document);
  if (foreign !== undefined) {
    const message = `this is a configuration of ${foreign.program}, which ccpb does not read; write one of ccpb's own, as in providers.example.yaml, with the addresses, models and keys that stand here`;
    return { ok: false, problems: [errorAt([foreign.key], "key", message)] };
  }
  const prepared = prepare(document, options);
  if (prepared.isOverfull) return { ok: false, problems: prepared.problems };
  const checked = documentSchema.safeParse(prepared.document, { jitless: true });
  const issues = checked.success
    ? []
    : problemsOf(checked.error.issues, { document: prepared.document, isHidden: isHidden(prepared) });
  const meant = new Set(intendedPaths(issues).map(pathKey));
  const problems = distinct(
    [
      ...prepared.problems,
      ...issues.filter((problem) => !prepared.unresolved.has(pathKey(problem.path))),
      ...providerProblems(prepared.document),
      ...modelProblems(prepared.document),
      ...settingsProblems(prepared.document),
    ]
      .filter((problem) => problem.target !== "missing" || !meant.has(pathKey(problem.path)))
      .map((problem) => withSource(problem, prepared)),
  );
  if (!checked.success || problems.some((problem) => problem.severity === "error")) return { ok: false, problems };
  return {
    ok: true,
    config: toConfig(checked.data),
    server: readFields<ServerSettingsDocument>(serverSettings, checked.data.settings ?? {}),
    warnings: problems,
  };
}

// A value from the environment may be a secret in the wrong place, so messages do not quote it.
function isHidden({ variables }: PreparedDocument): (path: ConfigPath) => boolean {
  return (path) => isSecretPath(path) || variables.has(pathKey(path));
}

function withSource(problem: ConfigProblem, { variables, overridden }: PreparedDocument): ConfigProblem {
  const key = pathKey(problem.path);
  const variable = variables.get(key);
  const source = overridden.get(key);
  if (problem.target === "key" || (variable ?? source) === undefined) return problem;
  const message = `${problem.message} (its value comes from ${variable ?? source})`;
  return { ...problem, message, ...(source !== undefined && { source }) };
}

// One value, one error: the first that was found is the most basic.
function distinct(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = `${problem.severity} ${pathKey(problem.path)}`;
    return !seen.has(key) && seen.add(key);
  });
}

function toConfig(document: ConfigDocument): BalancerConfig {
  return {
    providers: document.providers.map((provider) => toProvider(provider, document.settings?.forward_headers)),
    ...(document.model_routes !== undefined && { routes: Object.entries(document.model_routes).flatMap(toRoute) }),
    settings: readFields<BalancerSettings>(balancerSettings, document.settings ?? {}),
  };
}

function toProvider(provider: ProviderDocument, forwarded: readonly string[] = []): ProviderConfig {
  const { timeouts, models, headers, tls } = provider;
  const baseUrl = provider.base_url ?? cloudBaseUrl(provider.type, provider.region) ?? "";
  const check = checkBaseUrl(baseUrl);
  return {
    name: provider.name,
    type: provider.type,
    baseUrl: check.ok ? check.url : baseUrl,
    ...defined("region", provider.region),
    ...defined("project", provider.project),
    ...defined("inferenceProfile", provider.inference_profile),
    auth: toAuth(provider),
    ...defined("bigModel", provider.big_model),
    ...defined("smallModel", provider.small_model),
    ...defined("models", models && Object.entries(models).map(([pattern, model]) => ({ pattern, model }))),
    enabled: provider.enabled ?? true,
    ...defined("weight", provider.weight),
    ...defined("proxy", provider.proxy),
    ...defined("tls", tls && toTls(tls)),
    ...defined("headers", headers && lowerCaseNames(headers)),
    ...defined("timeouts", timeouts && readTimeouts(timeouts)),
    ...defined("maxConcurrent", provider.max_concurrent),
    ...defined("reserve", provider.reserve),
    ...defined("contextWindow", provider.context_window),
    ...defined("dialect", provider.dialect),
    ...defined("profile", provider.type === "openai" ? provider.profile && toProfile(provider.profile) : undefined),
    ...defined(
      "nativeProfile",
      provider.type === "openai" ? undefined : provider.profile && toNativeProfile(provider.profile),
    ),
    ...defined("signatureDomain", provider.signature_domain),
    ...defined("forwardHeaders", toForwarded(provider, provider.type === "anthropic" ? forwarded : [])),
  };
}

function toForwarded(
  { forward_headers: own = [] }: ProviderDocument,
  all: readonly string[],
): readonly string[] | undefined {
  const names = new Set([...all, ...own].map((name) => name.toLowerCase()));
  return names.size === 0 ? undefined : [...names];
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function toRoute([pattern, candidates]: [string, readonly RouteCandidateDocument[]]): readonly ModelRoute[] {
  const enabled = candidates.flatMap(({ provider, model, priority, enabled }, index) =>
    enabled === false ? [] : [{ provider, model, priority: priority ?? index + 1 }],
  );
  return [{ pattern, candidates: enabled }];
}
