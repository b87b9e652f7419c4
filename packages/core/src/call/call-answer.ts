import type { ForwardedAnswer } from "../base/forwarded-answer.ts";
import type { Judgement } from "../base/outcome.ts";

/** The upstream's own error that may answer a call which no provider serves. */
export class CallAnswer {
  #answer: ForwardedAnswer | undefined;
  #isFinal = false;
  /** Every attempt so far has an answer of its own for the client, such as a 404. */
  #isAllAnswered = true;

  /** True if the answer counts whatever the other attempts end in, because it concerns the request. */
  get isFinal(): boolean {
    return this.#isFinal;
  }

  /** A provider has refused the request itself: that is the answer. */
  forward(answer: ForwardedAnswer | undefined): void {
    this.#answer = answer;
    this.#isFinal = true;
  }

  /** An attempt failed; `answer` is its error for the client, where the judgement says that it may be one. The first of several stands. */
  failover(
    { answer: allowed }: Pick<Extract<Judgement, { type: "failover" }>, "answer">,
    answer: ForwardedAnswer | undefined,
  ): void {
    if (allowed === undefined) this.#isAllAnswered = false;
    else if (allowed === "always" && !this.#isFinal) this.forward(answer);
    else this.#answer ??= answer;
  }

  /** Answer for the client if no provider serves; undefined: the balancer's own 503. */
  get(): ForwardedAnswer | undefined {
    return this.#isFinal || this.#isAllAnswered ? this.#answer : undefined;
  }
}
