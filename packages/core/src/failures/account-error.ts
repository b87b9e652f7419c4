import type { UpstreamErrorText } from "../base/outcome.ts";
import { readAccountTrouble } from "./account-text.ts";

/**
 * Whether an error is about the account's money and not about this request or its rate; no use retrying. OpenAI sends it as 429 or 400
 * (`insufficient_quota`), Anthropic as 400 ("Your credit balance is too low"), DeepSeek and OpenRouter as 402.
 */
export function isAccountError(error: UpstreamErrorText): boolean {
  const { type = "", code = "" } = error;
  switch (readAccountTrouble(error)) {
    case "unpaid":
      return true;
    case "quota":
      // Google says "exceeded your current quota, please check your plan and billing details" for a limit per minute.
      return !/RESOURCE_EXHAUSTED/i.test(`${type} ${code}`);
    case undefined:
      return false;
  }
}
