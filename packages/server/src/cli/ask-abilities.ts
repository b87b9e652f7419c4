import {
  type AttemptTrace,
  Balancer,
  type BalancerConfig,
  type ProviderConfig,
  systemClock,
  type Transport,
} from "@ccpb/core";
import { profileLine } from "@ccpb/core/internal";
import { type Profile, resolveProfile } from "@ccpb/core/translate";
import { reasonInFull } from "../base/reason-text.ts";
import { answerOf, messageOf, modelsOf, timeouts } from "../control/ask-provider.ts";
import { Authorizers } from "../transport/authorize/authorizers.ts";
import { createHttpTransport } from "../transport/transport.ts";
import { type Answer, mostOutputTokens, type Question, questions } from "./ability-questions.ts";

type Members = Readonly<Record<string, unknown>>;

/** Records a model's answer to one question. */
export interface Ability {
  readonly id: string;
  readonly title: string;
  /** `yes`: as asked; `no`: refused, or not heeded; `failed`: for another reason, such as a limit; `skipped`: not asked after that. */
  readonly outcome: "yes" | "no" | "failed" | "skipped";
  /** The provider's own words, or what its answer lacks; empty where there is nothing to say. */
  readonly detail: string;
}

/** Records the abilities of one model of a provider. */
export interface ModelAbilities {
  readonly provider: string;
  /** The upstream's name. */
  readonly model: string;
  readonly abilities: readonly Ability[];
  /** The line of `providers.yaml` that follows, with what stands there already; null where there is nothing to write. */
  readonly profile: string | null;
}

/** Returns a sentence that says, before anything is asked, how much is asked at most. */
export function costText(config: BalancerConfig, model?: string): string {
  const count = placesOf(config, model).length;
  const each = `${questions.length} questions, up to 4 requests each where something is refused`;
  const whole = `${count} ${count === 1 ? "model" : "models"}`;
  return `asking ${whole} for abilities: ${each}; at most ${thousands(count * mostOutputTokens)} output tokens in all, and about ${thousands(count * inputTokens)} input tokens`;
}

// All questions together, of the usual tokenizers; the picture and the page are most of it.
const inputTokens = 6_000;

function thousands(count: number): string {
  return `${Math.round(count / 100) / 10}k`;
}

/** A provider and one of its models. */
interface Place {
  readonly provider: ProviderConfig;
  readonly model: string;
}

function placesOf(config: BalancerConfig, model: string | undefined): readonly Place[] {
  return config.providers
    .filter(({ enabled = true, auth }) => enabled && auth.type !== "passthrough")
    .flatMap((provider) => {
      const models = model === undefined ? modelsOf(provider, config) : [model];
      return models.map((name) => ({ provider, model: name }));
    });
}

/** Asks every model of the providers what it takes; `model` replaces them. One question after the other at a model. */
export async function askAbilities(config: BalancerConfig, model?: string): Promise<readonly ModelAbilities[]> {
  const transport = createHttpTransport({ environment: process.env });
  const authorizers = new Authorizers({
    clock: systemClock,
    onRenewalFailure: () => undefined,
    onClockCorrection: () => undefined,
  });
  try {
    const places = placesOf(config, model);
    return await Promise.all(
      places.map((place) => askModel(place, config, { transport: transport.send, authorizers })),
    );
  } finally {
    authorizers.close();
    transport.close();
  }
}

interface Means {
  readonly transport: Transport;
  readonly authorizers: Authorizers;
}

async function askModel(place: Place, config: BalancerConfig, means: Means): Promise<ModelAbilities> {
  const { provider, model } = place;
  const base = profileOf(place);
  const abilities: Ability[] = [];
  const found: Finding[] = [];
  let isOver = false;
  for (const question of questions) {
    const { id, title } = question;
    if (isOver) {
      abilities.push({ id, title, outcome: "skipped", detail: "" });
      continue;
    }
    const { finding, ...result } = await askOne(question, { place, base, config, means });
    abilities.push({ id, title, ...result });
    found.push(finding);
    isOver = result.outcome === "failed";
  }
  const changed = changedMembers(found, base);
  const own: Members = { ...(provider.type === "openai" ? provider.profile : provider.nativeProfile) };
  const line = Object.keys(changed).length === 0 ? null : profileLine({ ...own, ...changed });
  return { provider: provider.name, model, abilities, profile: line };
}

/** Returns the abilities that the configuration assumes. For an anthropic provider, only lessons from refusals count. */
function profileOf({ provider, model }: Place): Profile | undefined {
  if (provider.type !== "openai") return undefined;
  return resolveProfile({ baseUrl: provider.baseUrl, model, ...(provider.profile && { override: provider.profile }) });
}

/** Describes what an answer shows about the profile: the members of the served request, and those that were refused or ignored. */
interface Finding {
  readonly served: Members;
  readonly refused: Members;
}

const nothing: Finding = { served: {}, refused: {} };

interface Asking {
  readonly place: Place;
  readonly base: Profile | undefined;
  readonly config: BalancerConfig;
  readonly means: Means;
}

async function askOne(
  question: Question,
  { place: { provider, model }, base, config, means }: Asking,
): Promise<Pick<Ability, "outcome" | "detail"> & { readonly finding: Finding }> {
  const hopes = base === undefined ? {} : (question.hopes?.(base) ?? {});
  const { models: _models, ...rest } = provider;
  const asked: ProviderConfig = {
    ...rest,
    bigModel: model,
    smallModel: model,
    auth: "keys" in provider.auth ? { ...provider.auth, keys: provider.auth.keys.slice(0, 1) } : provider.auth,
    timeouts: { ...provider.timeouts, ...timeouts },
    ...(base && { profile: { ...provider.profile, ...hopes } }),
  };
  using balancer = new Balancer(
    { providers: [asked], settings: config.settings ?? {} },
    { authorize: means.authorizers.find },
  );
  const traces: AttemptTrace[] = [];
  let hasUsage = false;
  balancer.on("attempt-end", (trace) => traces.push(trace));
  balancer.on("call-end", ({ usage }) => (hasUsage = usage !== undefined));
  const { status, text } = await answerOf(balancer.open(question.request), means.transport);
  const reason = traces.find(
    ({ outcome }) => outcome === "retried" || outcome === "failed" || outcome === "forwarded",
  )?.reason;
  const words = reason === undefined ? "" : reasonInFull(reason);
  if (status !== 200) {
    const isRefusal = status === 400 || status === 422;
    return { outcome: isRefusal ? "no" : "failed", detail: words || `${status}: ${messageOf(text)}`, finding: nothing };
  }
  const learned = balancer.status().providers[0]?.learned.find((one) => one.model === model)?.profile;
  if (learned !== undefined) return { outcome: "no", detail: words, finding: { served: hopes, refused: learned } };
  const lacks = question.lacks(readAnswer(text, hasUsage));
  if (lacks === undefined) return { outcome: "yes", detail: "", finding: { served: hopes, refused: {} } };
  return { outcome: "no", detail: lacks, finding: { served: {}, refused: base ? (question.unheeded ?? {}) : {} } };
}

function readAnswer(text: string, hasUsage: boolean): Answer {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // A stream.
  }
  const content = typeof body === "object" && body !== null && "content" in body ? body.content : [];
  const blocks = (Array.isArray(content) ? content : []).flatMap((block: unknown) =>
    typeof block === "object" && block !== null ? [{ ...block }] : [],
  );
  return { text, content: blocks, hasUsage };
}

/** Returns the members that differ from the assumed ones. A refusal in one question outweighs an answer to another. Lists are joined. */
function changedMembers(found: readonly Finding[], base: Profile | undefined): Members {
  const members = new Map<string, unknown>(found.flatMap(({ served }) => Object.entries(served)));
  const refused = new Map<string, unknown>();
  for (const [name, value] of found.flatMap((finding) => Object.entries(finding.refused))) {
    const before = refused.get(name);
    const isList = Array.isArray(before) && Array.isArray(value);
    refused.set(name, isList ? [...new Set<unknown>([...before, ...value])] : value);
  }
  for (const [name, value] of refused) members.set(name, value);
  const assumed = new Map<string, unknown>(Object.entries(base ?? {}));
  return Object.fromEntries(
    [...members].filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(assumed.get(name))),
  );
}
