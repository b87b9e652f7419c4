import type { AttemptTrace } from "../base/events.ts";
import type { ForwardedAnswer } from "../base/forwarded-answer.ts";
import type { Judgement, Reason, Verdict } from "../base/outcome.ts";

/** Result of an attempt: served, judged, or left without a report. */
export type Settlement =
  | { readonly type: "served" }
  | { readonly type: "abandoned" }
  | {
      readonly type: "judged";
      readonly judgement: Exclude<Judgement, { type: "continue" }>;
      /** The upstream's own error as an answer to the client, where the judgement allows for that. */
      readonly answer: ForwardedAnswer | undefined;
      /** No connection to the provider came about. */
      readonly isConnect: boolean;
    };

/** Returns what `Attempt.report` answers for a judgement that ends the attempt. */
export function verdictOf(
  judgement: Exclude<Judgement, { type: "continue" }>,
  reason: Reason,
  cooldownMs: number,
): Verdict {
  switch (judgement.type) {
    case "forward":
      return { type: "forward" };
    case "failover":
      return { type: "failover", reason, cooldownMs };
    case "retry":
      return { type: "retry", change: judgement.change };
    case "refuse":
      return { type: "refuse", reason };
  }
}

/** Returns the word for the end of an attempt in events. */
export function outcomeName(end: Settlement): AttemptTrace["outcome"] {
  if (end.type === "served") return "complete";
  if (end.type === "abandoned") return "abandoned";
  switch (end.judgement.type) {
    case "forward":
      return "forwarded";
    case "retry":
      return "retried";
    case "failover":
      return "failed";
    case "refuse":
      return end.judgement.reason.class === "client-abort" ? "aborted" : "failed";
  }
}
