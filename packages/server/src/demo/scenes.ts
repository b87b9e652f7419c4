import { setTimeout as sleep } from "node:timers/promises";
import { cut, paced, refuse, text, type HttpBehaviour } from "@ccpb/fake-upstream";
import { ask, cooldownOf, type Answer } from "./ask.ts";
import { expectSame, expectThat, UnexpectedResult } from "./expectation.ts";
import { demoCooldownMs, type Stage } from "./stage.ts";

/** One thing that the demo shows; `play` throws `UnexpectedResult` where it does not happen. */
export interface Scene {
  readonly title: string;
  play(stage: Stage): Promise<void>;
}

/** In the order of the performance: each leaves the providers' health as the next one needs it. */
export const scenes: readonly Scene[] = [
  { title: "All is well: the first provider of the list answers", play: allIsWell },
  { title: "alpha answers 500: the same request goes on to beta", play: alphaFails },
  { title: "alpha cools down: it gets no request meanwhile", play: alphaCools },
  { title: "alpha recovers by itself", play: alphaRecovers },
  { title: "alpha begins an answer and hangs up before its first word", play: alphaHangsUp },
  { title: "Both are down: an honest 503", play: bothAreDown },
  { title: "Both come back: the session goes on", play: bothComeBack },
];

async function allIsWell(stage: Stage): Promise<void> {
  const words = "Blue light is scattered by the air far more than red light, so it reaches you from everywhere.";
  stage.alpha.script(spoken(words));
  const answer = await ask(stage, "Why is the sky blue?");
  expectAnswer(answer, { provider: "alpha", attempts: 1, words });
  stage.narrator.passed("served by alpha (attempt 1)");
}

async function alphaFails(stage: Stage): Promise<void> {
  const words =
    "Long waves pass where short ones are scattered away, and in the evening the way through the air is long.";
  stage.alpha.script(refuse(500, { message: "Internal server error" }));
  stage.beta.script(spoken(words));
  const answer = await ask(stage, "And why is the evening red?");
  expectAnswer(answer, { provider: "beta", attempts: 2, words });
  stage.narrator.passed("alpha: status 500 (attempt 1); served by beta (attempt 2), unseen by you");
}

async function alphaCools(stage: Stage): Promise<void> {
  const words = "The moon has no air, so its sky is black by day.";
  const before = stage.alpha.requests.length;
  const remaining = await cooldownOf(stage, "alpha");
  expectThat(remaining > 0, "alpha should be cooling after its failure, but is not");
  stage.narrator.say(`alpha is out for another ${remaining.toFixed(1)} s (GET /providers)`);
  stage.beta.script(spoken(words));
  const answer = await ask(stage, "What about the moon?");
  expectAnswer(answer, { provider: "beta", attempts: 1, words });
  expectSame("the number of requests that alpha got while it cooled", stage.alpha.requests.length - before, 0);
  stage.narrator.passed("served by beta at once (attempt 1); alpha was not asked");
}

async function alphaRecovers(stage: Stage): Promise<void> {
  const words = "On Mars the dust turns it round: a butterscotch day, and a blue sunset.";
  await waitForAlpha(stage);
  stage.alpha.script(spoken(words));
  const answer = await ask(stage, "And Mars?");
  expectAnswer(answer, { provider: "alpha", attempts: 1, words });
  expectSame("alpha's cooldown after it has answered", await cooldownOf(stage, "alpha"), 0);
  stage.narrator.passed("served by alpha (attempt 1): one probe was enough");
}

async function alphaHangsUp(stage: Stage): Promise<void> {
  const words = "Because a rainbow is a circle around the point opposite the sun, and the ground hides half of it.";
  stage.alpha.script(cut(spoken("never heard"), "before-content", "reset"));
  stage.beta.script(spoken(words));
  const answer = await ask(stage, "Why is a rainbow a bow?");
  expectAnswer(answer, { provider: "beta", attempts: 2, words });
  stage.narrator.passed("alpha: 200, then cut (attempt 1); served whole by beta (attempt 2)");
}

async function bothAreDown(stage: Stage): Promise<void> {
  // Also alpha, which still cools.
  await Promise.all([stage.alpha.goDown(), stage.beta.goDown()]);
  expectUnavailable(stage, await ask(stage, "Are you still there?"));
  const asked = stage.alpha.requests.length + stage.beta.requests.length;
  const again = await ask(stage, "Hello?");
  expectUnavailable(stage, again);
  expectSame(
    "the number of requests while all cool",
    stage.alpha.requests.length + stage.beta.requests.length - asked,
    0,
  );
  stage.narrator.passed("the client is told when to come back; no provider was asked the second time");
}

async function bothComeBack(stage: Stage): Promise<void> {
  const words = "Still here. The sky is where it was.";
  await Promise.all([stage.alpha.comeUp(), stage.beta.comeUp()]);
  await waitForAlpha(stage);
  stage.alpha.script(spoken(words));
  const answer = await ask(stage, "And now?");
  expectAnswer(answer, { provider: "alpha", attempts: 1, words });
  stage.narrator.passed("served by alpha (attempt 1)");
}

function spoken(words: string): HttpBehaviour {
  return paced(text(words, { usage: { inputTokens: 20, outputTokens: 30 } }), 20);
}

function expectAnswer(
  answer: Answer,
  expected: { readonly provider: string; readonly attempts: number; readonly words: string },
): void {
  expectSame("the status", answer.status, 200);
  expectSame("the provider that served", answer.provider, expected.provider);
  expectSame("the number of attempts", answer.attempts, expected.attempts);
  expectSame("the text", answer.text, expected.words);
  expectSame("the first event", answer.events[0], "message_start");
  expectSame("the last event", answer.events.at(-1), "message_stop");
}

function expectUnavailable({ narrator }: Stage, answer: Answer): void {
  expectSame("the status", answer.status, 503);
  expectSame("the error's type", answer.error?.type, "api_error");
  const message = answer.error?.message ?? "";
  expectThat(
    message.startsWith("All providers are currently unavailable."),
    `the message should say that all providers are unavailable, but is ${JSON.stringify(message)}`,
  );
  const seconds = Number(answer.retryAfter);
  const longest = Math.ceil((demoCooldownMs * 1.2) / 1000);
  expectThat(
    Number.isInteger(seconds) && seconds >= 1 && seconds <= longest,
    `Retry-After should be between 1 and ${longest} s, but is ${answer.retryAfter ?? "missing"}`,
  );
  narrator.say(`503, Retry-After: ${answer.retryAfter}`);
  narrator.say(message);
}

async function waitForAlpha(stage: Stage): Promise<void> {
  stage.narrator.tick("   alpha is back in");
  stage.clock.resume();
  // A second failure doubles the cooldown, with a fifth of jitter.
  const longestMs = demoCooldownMs * 3;
  for (let waitedMs = 0; waitedMs <= longestMs;) {
    const remaining = await cooldownOf(stage, "alpha");
    if (remaining === 0) {
      stage.clock.pause();
      stage.narrator.tick(" … now\n");
      return;
    }
    stage.narrator.tick(` … ${remaining.toFixed(1)}`);
    const pauseMs = Math.min(500, remaining * 1000 + 10);
    await sleep(pauseMs, undefined, { signal: stage.signal });
    waitedMs += pauseMs;
  }
  throw new UnexpectedResult(`alpha should be back after ${demoCooldownMs} ms, but is not after ${longestMs} ms`);
}
