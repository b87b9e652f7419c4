import { Balancer, type ProviderConfig } from "@ccpb/core";
import {
  type BehaviourSource,
  brokenStreams,
  connectionFaults,
  type FakeUpstream,
  notAnswers,
  paced,
  silences,
  startFakeUpstream,
  text,
} from "@ccpb/fake-upstream";
import { expect, it } from "vitest";

/** Asks the balancer as an example does it, and gives the text of the whole answer. Rejects where the answer broke off or is an error. */
export type Ask = (balancer: Balancer, question: AskOptions) => Promise<string>;

/** What a question of the suite holds besides its text. */
export interface AskOptions {
  readonly stream: boolean;
  /** The providers of the balancer, for an example that runs in another process and makes a balancer of its own. */
  readonly providers: readonly ProviderConfig[];
}

/** Which forms of answers an example has; default: both. */
export interface FaultSuiteOptions {
  readonly forms?: readonly ("stream" | "whole")[];
  /** Whether the example asks by a balancer of its own. Default: false. */
  readonly isRemote?: boolean;
}

const healthyWords = "The healthy one answers.";
const long = paced(text("one two three four five six seven eight nine ten"), 1);

// On a busy machine, a process may stand still for seconds: a deadline that is not to pass needs room for that.
const generous = { connectMs: 30_000, responseMs: 30_000, firstContentMs: 30_000, idleMs: 30_000, totalMs: 30_000 };
// For a provider that is silent before its content: whichever deadline passes first, the call moves on.
const shortBeforeContent = { ...generous, responseMs: 500, firstContentMs: 500, totalMs: 500 };
// For a provider that falls silent after its content. That content must have come before the deadline passes, for which a process with little of a busy
// machine may need more than a second.
const shortAfterContent = { ...generous, idleMs: 4_000 };

/**
 * Every fault that the tests of the server know, against an example: in front of the content the next provider serves; after it the client learns
 * that the answer is not whole. An error that is emitted where the example does not listen fails the run: it would end the process.
 */
export function testEveryFault(
  ask: Ask,
  { forms = ["stream", "whole"], isRemote = false }: FaultSuiteOptions = {},
): void {
  const faults = { ...connectionFaults, ...notAnswers, ...silences };
  const cells = forms.flatMap((form) => (["anthropic", "openai"] as const).map((dialect) => ({ form, dialect })));

  it.each(cells)("sees no fault before the content ($form, $dialect provider)", async ({ form, dialect }) => {
    const seen = await inBatches(Object.entries(faults), async ([name, fault]) => {
      await using scene = await stage(dialect, fault, name in silences ? shortBeforeContent : generous);
      const words = await ask(scene.balancer, { stream: form === "stream", providers: scene.providers }).catch(String);
      await scene.isQuiet(isRemote);
      return [name, words];
    });
    expect(seen).toEqual(Object.keys(faults).map((name) => [name, healthyWords]));
  });

  const breaks = brokenStreams(long, ["after-content", "mid-content", "before-end"]);
  it.each(forms.includes("stream") ? (["anthropic", "openai"] as const) : [])(
    "never takes a stream that breaks for a whole one (%s provider)",
    async (dialect) => {
      const entries = Object.entries(breaks);
      // Those that wait for a deadline wait together.
      const inOrder = [...entries.filter(([name]) => isSilent(name)), ...entries.filter(([name]) => !isSilent(name))];
      const seen = await inBatches(inOrder, async ([name, fault]) => {
        await using scene = await stage(dialect, fault, isSilent(name) ? shortAfterContent : generous);
        const end = await ask(scene.balancer, { stream: true, providers: scene.providers }).then(
          (words) => `taken for whole: ${words}`,
          () => "broken",
        );
        await scene.isQuiet(isRemote);
        return [name, end, scene.second.requests.length];
      });
      expect(seen).toEqual(inOrder.map(([name]) => [name, "broken", 0]));
    },
  );
}

/** Whether a broken stream of that name keeps its connection open. */
function isSilent(name: string): boolean {
  return name.startsWith("stall") || name.endsWith("silence") || name.startsWith("data that is no JSON");
}

/** Gives the text of an answer of the Messages API in either form; throws where it is an error or not whole. */
export function wordsOf(answer: string): string {
  if (answer.startsWith("{")) return (JSON.parse(answer) as { content: { text: string }[] }).content[0]?.text ?? answer;
  if (!answer.includes("event: message_stop") || answer.includes("event: error")) throw new Error("not a whole answer");
  return [...answer.matchAll(/^data: (.*"text_delta".*)$/gm)]
    .map(([, data = ""]) => (JSON.parse(data) as { delta: { text: string } }).delta.text)
    .join("");
}

/** Asks a server at `url`. */
export async function askOverHttp(url: string, { stream }: Pick<AskOptions, "stream">): Promise<string> {
  const response = await fetch(`${url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...faultQuestion, stream }),
  });
  return wordsOf(await response.text());
}

/** The question of the suite. */
export const faultQuestion = {
  model: "claude-opus-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "Who are you?" }],
} as const;

interface Scene extends AsyncDisposable {
  readonly balancer: Balancer;
  readonly second: FakeUpstream;
  readonly providers: readonly ProviderConfig[];
  /** Resolves when the failed connection is closed: what an upstream still sends is then not read. */
  isQuiet(isRemote: boolean): Promise<void>;
}

async function stage(
  dialect: "anthropic" | "openai",
  fault: BehaviourSource,
  firstTimeouts: ProviderConfig["timeouts"] & object,
): Promise<Scene> {
  const first = await startFakeUpstream({ dialect, defaultBehaviour: fault });
  const second = await startFakeUpstream({ dialect, defaultBehaviour: text(healthyWords) });
  const provider = (name: string, { url }: FakeUpstream): ProviderConfig => ({
    name,
    type: dialect,
    baseUrl: url,
    auth: { type: "api_key", keys: [`key-of-${name}`] },
    bigModel: "passthrough",
    smallModel: "passthrough",
    timeouts: name === "first" ? firstTimeouts : generous,
    ...(dialect === "openai" && { dialect: "chat" }),
  });
  const providers = [provider("first", first), provider("second", second)];
  const balancer = new Balancer({ providers });
  const asked: string[] = [];
  balancer.on("attempt-start", (attempt) => asked.push(attempt.provider));
  return {
    balancer,
    providers,
    second,
    isQuiet: async (isRemote) => {
      if (!isRemote) expect(asked[0]).toBe("first");
      await Promise.all(first.requests.map(({ ended }) => ended));
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([first.close(), second.close()]);
    },
  };
}

/** Eight at a time, with the results in order. */
async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += 8)
    results.push(...(await Promise.all(items.slice(at, at + 8).map((item) => work(item)))));
  return results;
}
