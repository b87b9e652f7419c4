import type { UpstreamErrorText } from "../policy/outcome.ts";

const accountWords =
  /insufficient[_ ](?:quota|balance|credits?|funds)|billing|quota_exhausted|credit[_ ]limit|payment[_ ]required|arrear/i;
const accountMessage =
  /insufficient[_ ](?:account )?(?:quota|balance|credits?|funds)|credit balance|(?:not enough|out of|no|more) credits?\b|(?:exceeded|reached|over) your (?:current |monthly )?(?:quota|budget|spend)|billing|balance is (?:too low|not enough|insufficient)|overdue|in arrears|余额不足|欠费|账户.{0,10}余额/i;

/**
 * Whether an error is about the account's money and not about this request or its rate; no use retrying. OpenAI sends it as 429 or 400
 * (`insufficient_quota`), Anthropic as 400 ("Your credit balance is too low"), DeepSeek and OpenRouter as 402.
 */
export function isAccountError(error: UpstreamErrorText): boolean {
  const words = `${error.type ?? ""} ${error.code ?? ""}`;
  if (accountWords.test(words)) return true;
  // Google says "exceeded your current quota, please check your plan and billing details" for a limit per minute.
  return !/RESOURCE_EXHAUSTED/i.test(words) && accountMessage.test(error.message);
}
