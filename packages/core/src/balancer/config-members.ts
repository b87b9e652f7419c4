import type {
  BalancerConfig,
  BalancerSettings,
  ErrorRule,
  InferenceProfile,
  ModelRoute,
  ProviderAuth,
  ProviderConfig,
  ProviderType,
  StreamFailureMode,
  TimeoutsMs,
} from "../base/config-types.ts";
import { defaultSettings, selectionStrategies } from "../base/config-types.ts";
import {
  aCount,
  aFlag,
  anObject,
  anything,
  aText,
  type Check,
  listOf,
  milliseconds,
  oneOf,
  texts,
} from "../base/misuse.ts";

// One row a member of each type: a member that is added to a type and not here does not compile.
type RowsOf<T> = Readonly<Record<keyof T, Check>>;

/** Returns a check for one of the words of a type: a word that the type has and the rows have not does not compile. */
function wordsOf<Word extends string>(rows: Readonly<Record<Word, true>>): Check {
  return oneOf(Object.keys(rows));
}

const models: Check = (value) =>
  Array.isArray(value) && value.every((rule) => anObject(rule) === undefined)
    ? undefined
    : '[{ pattern: "claude-opus-*", model: "…" }], the first that matches';

const list: Check = (value) => (Array.isArray(value) ? undefined : "an array");

const weight: Check = (value) => (typeof value === "number" && value > 0 ? undefined : "a number above 0");

const perCent: Check = (value) =>
  typeof value === "number" && value >= 0 && value <= 100 ? undefined : "per cent, from 0 to 100";

export const configMembers: RowsOf<BalancerConfig> = { providers: list, routes: list, settings: anObject };

export const providerMembers: RowsOf<ProviderConfig> = {
  name: aText,
  type: wordsOf<ProviderType>({ anthropic: true, openai: true, bedrock: true, vertex: true }),
  baseUrl: aText,
  region: aText,
  project: aText,
  inferenceProfile: wordsOf<InferenceProfile>({
    global: true,
    us: true,
    eu: true,
    apac: true,
    jp: true,
    au: true,
    "us-gov": true,
    none: true,
  }),
  auth: anObject,
  bigModel: aText,
  smallModel: aText,
  models,
  enabled: aFlag,
  weight,
  proxy: aText,
  tls: anObject,
  headers: texts,
  timeouts: anObject,
  maxConcurrent: aCount,
  reserve: perCent,
  contextWindow: aCount,
  dialect: wordsOf<NonNullable<ProviderConfig["dialect"]>>({ auto: true, chat: true, responses: true }),
  profile: anObject,
  nativeProfile: anObject,
  signatureDomain: aText,
  forwardHeaders: listOf(aText),
};

export const authMembers: Readonly<Record<string, Check>> = {
  type: wordsOf<ProviderAuth["type"]>({ api_key: true, auth_token: true, passthrough: true, renewed: true }),
  keys: list,
  header: aText,
  source: anObject,
};

export const timeoutMembers: RowsOf<TimeoutsMs> = {
  connectMs: milliseconds,
  responseMs: milliseconds,
  firstContentMs: milliseconds,
  idleMs: milliseconds,
  totalMs: milliseconds,
  callMs: milliseconds,
};

type WordSetting = {
  [Name in keyof BalancerSettings]: BalancerSettings[Name] extends string ? Name : never;
}[keyof BalancerSettings];

const settingWords: RowsOf<Pick<BalancerSettings, WordSetting>> = {
  selectionStrategy: wordsOf(selectionStrategies),
  sessionAffinity: wordsOf<BalancerSettings["sessionAffinity"]>({ off: true, session: true }),
  streamFailure: wordsOf<StreamFailureMode>({ auto: true, error: true, abort: true }),
};

/** Returns the check that the default of a setting asks for. */
function settingCheck(name: string, fallback: unknown): Check {
  if (typeof fallback === "boolean") return aFlag;
  if (typeof fallback === "number") return name.endsWith("Ms") ? milliseconds : aCount;
  return Array.isArray(fallback) ? list : anObject;
}

export const settingMembers: Readonly<Record<string, Check>> = {
  ...Object.fromEntries(Object.entries(defaultSettings).map(([name, value]) => [name, settingCheck(name, value)])),
  ...settingWords,
};

export const errorRuleMembers: RowsOf<ErrorRule> = {
  status: anything,
  match: aText,
  action: wordsOf<ErrorRule["action"]>({ stop: true, failover: true }),
  cooldownMs: milliseconds,
};

export const routeMembers: RowsOf<ModelRoute> = { pattern: aText, candidates: list };
