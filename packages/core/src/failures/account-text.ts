import type { UpstreamErrorText } from "../base/outcome.ts";
import { readProse, states } from "./prose.ts";

/**
 * `unpaid`: the words can only mean that the account has nothing left or is closed. `quota`: words that some vendors (Gemini, DashScope) also use
 * for limits that reset within a minute, so that a stated wait outweighs them.
 */
export type AccountTrouble = "unpaid" | "quota";

// Vendors' own words, in lower case; where one is known to be used by a single vendor, it is named.
const unpaidCodes: ReadonlySet<string> = new Set([
  "insufficient_quota",
  "billing_error",
  "billing_hard_limit_reached",
  "billing_not_active",
  "insufficient_balance",
  "insufficient_credit",
  "insufficient_credits",
  "insufficient_funds",
  "insufficient_user_quota", // one-api, new-api
  "pre_consume_token_quota_failed", // one-api, new-api
  "exceeded_current_quota_error", // Moonshot
  "arrearage", // DashScope
  "accountoverdueerror", // Volcengine Ark
  "balance_not_enough",
  "not_enough_balance",
  "quota_not_enough",
  "quota_exhausted",
  "no_quota",
  "credit_balance_too_low",
  "credits_exhausted",
  "credit_exhausted",
  "account_overdue",
  "organization_usage_limit_exceeded", // OpenAI, as the next two
  "organization_spend_limit_exceeded",
  "project_spend_limit_exceeded",
  "payment_required",
  "organization_restricted", // Groq
  "organization_disabled",
  "account_suspended",
  "account_disabled",
  "usage_limit_reached", // ChatGPT's plans
  "usage_not_included",
  "1113", // Zhipu: the account is in arrears; the next: its plan has expired, or its calls of a day, of 5 hours, of a week or month are used up
  "1309",
  "1304",
  "1308",
  "1310",
  "accountquotaexceeded", // Volcengine Ark, of its plans
  "allocationquota.freetieronly", // DashScope
  "consumer_suspended", // Google
]);

const money = "(?:balance|credits?|quota|funds|extra usage)";

// Each is tried against what the error states, in any case.
const unpaidPhrases: readonly RegExp[] = [
  /\bcredit balance\b/i,
  new RegExp(
    `\\b(?:insufficient|not enough|inadequate|out of|used up|depleted|exhausted)(?: \\w{1,30}){0,3} ${money}\\b`,
    "i",
  ),
  // "No credits were charged." tells of this request.
  new RegExp(
    `\\b(?:no|low|negative|zero)(?: remaining| available| more| account)? ${money}\\b(?!(?: \\w{1,10}){1,2} (?:charged|deducted|consumed|billed|spent))`,
    "i",
  ),
  new RegExp(
    `\\b${money}\\b[^.]{0,30}\\b(?:insufficient|not enough|too low|exhausted|used up|depleted|(?:run|ran) out|expired|negative)\\b`,
    "i",
  ),
  /\binsufficient[_ -](?:quota|balance|credits?|funds)\b/i,
  /\b(?:purchase|buy|add) (?:more |additional )?(?:credits?|funds)\b|\bcan only afford\b|^key limit exceeded\b/i, // OpenRouter
  /\b(?:top[- ]?up|recharge)\b[^.]{0,30}\b(?:account|balance|credits?|wallet)\b/i,
  /\b(?:account|balance|payment|invoices?)\b[^.]{0,40}\b(?:overdue|past[- ]due|in arrears|unpaid)\b/i,
  /\b(?:overdue|past[- ]due|unpaid)\b[^.]{0,20}\b(?:account|balance|payment|invoices?|bills?)\b|\barrear(?:s|age)\b/i,
  /\bpayment (?:is )?(?:required|failed)\b|\bfailure to pay\b|\bgood standing\b/i,
  /\b(?:account|organi[sz]ation|workspace|subscription)\b[^.]{0,40}\b(?:is|was|been) (?:\w{1,20} )?(?:suspended|disabled|deactivated|restricted|banned|blocked|locked|closed|terminated|frozen|expired|inactive|not active)\b/i,
  /\b(?:reached|exceeded|hit|over)\b[^.]{0,30}\b(?:spend(?:ing)?|budget|monthly|weekly|billing|credit|usage|specified api usage)\b[^.]{0,20}\b(?:limits?|caps?|budget)\b/i,
  /\b(?:spend(?:ing)?|billing|monthly|weekly|credit|usage|budget)\b(?: \w{1,20}){0,2} (?:limits?|cap)\b[^.]{0,20}\b(?:reached|exceeded|hit|exhausted)\b|\bbudget has been exceeded\b/i,
  /\bexceeded\b[^.]{0,40}\b(?:included|prepaid|monthly|weekly|daily) (?:\w{1,20} ){0,2}(?:credits?|allowance|balance)\b/i, // Hugging Face
  /\bfree (?:tier|quota|plan|trial|credits?|allocation)\b[^.]{0,40}\b(?:exhausted|used up|expired|ended)\b/i,
  /\bused up\b[^.]{0,30}\b(?:allocation|allowance)\b|\binsufficient points\b/i, // Cloudflare's Workers AI, Poe
  /\bregain access on\b/i, // Anthropic: the workspace's own spending limit
  // Anthropic's subscriptions: extra usage that is used up or that another program would have to draw on, and logins bound to one program.
  /\bout of extra usage\b|\bthird[- ]party apps\b[^.]{0,40}\bextra usage\b|\bdraw from your extra usage\b/i,
  /\b(?:credential|token|key|subscription|account)\b[^.]{0,20}\bonly (?:be used|authori[sz]ed|valid|for use|allowed)\b[^.]{0,20}\b(?:with|by|in|for)\b|\bonly (?:accessible|available) (?:via|from|through|for) (?:the )?(?:claude code|coding)/i,
  /\btoo many (?:active )?sessions\b|\bmax(?:imum)? (?:number of )?(?:active )?sessions\b/i,
  /\bcredits?\b[^.]{0,20}\bexhausted\b|\bplan has (?:expired|ended)\b|\b(?:free )?trial has (?:expired|ended)\b/i,
  /(?:余额|餘額).{0,8}(?:不足|不够|不夠|耗尽|耗盡|用尽|用完|过低|為零|为零|为 ?0)|(?:不足|没有|沒有|无)(?:可用)?(?:的)?(?:余额|餘額)/,
  /(?:额度|額度|配额|配額|点数|點數|积分|積分|资源包|資源包|套餐|流量包).{0,8}(?:不足|不够|不夠|耗尽|耗盡|用尽|用盡|用完|已到期|已过期|過期)/,
  /欠费|欠費|透支|预扣费|預扣費|充值|储值|儲值|缴费|繳費/,
  /(?:账户|账号|帐户|帐号|帳戶|帳號|賬戶|賬號).{0,8}(?:冻结|凍結|停用|禁用|封禁|被封|注销|到期|过期|過期)/,
  /(?:活跃|活动|同时)(?:的)?会话.{0,8}(?:过多|上限|超)|会话数.{0,6}(?:过多|上限|超)/,
  /(?:仅限|只能|仅供|仅可).{0,12}(?:Claude ?Code|客户端|Codex).{0,8}(?:使用|调用|访问)?/i,
];

const quotaPhrases: readonly RegExp[] = [
  /\bexceed(?:ed|s)?(?: [\w-]{1,30}){0,4} quota\b|\bquota(?: \w{1,30}){0,4} exceed(?:ed|s)?\b|\bquota (?:limit )?reached\b/i,
  // The word alone is in header names and in tools; next to these it is about money.
  /(?<![-\w])billing(?![-\w])[^.]{0,40}\b(?:details?|account|information|method|limit|plan|payment|issue|problem|status|active|inactive|enabled|disabled|suspended|settings|page|error)\b/i,
  /\b(?:plans?|payment|account|enable|check|update|verify|review|visit|set up|your)\b[^.]{0,30}(?<![-\w])billing(?![-\w])/i,
  /\blimited to [\d,]{1,12} (?:\w{1,20} ){0,3}(?:\/|per|a|each) ?(?:day|week|month)\b/i, // Cohere's trial keys
  // A period that is used up, or money; not a rate or the requests at once.
  /(?:达到|達到|超出|超过|超過)[^并並速频頻]{0,12}(?:[每本当當今][日天周週月]|[周週月日]度?|小时|小時|费用|費用|消费|用量|使用)[^并並速频頻]{0,6}(?:上限|限额|限額|限制)/,
  /(?:[每本当當今][日天周週月])[^并並速频頻]{0,16}(?:已达|已達|达到|達到|超出|超过|超過|用完|用尽).{0,6}(?:上限|限额|限額|限制)?/,
  /(?:超出|超过|超過|达到|達到).{0,6}(?:配额|配額|额度|額度)|(?:配额|配額|额度|額度).{0,6}(?:超出|超限|上限|已满|已滿)/,
];

const perMinutePhrase =
  /\bper[ -]?min(?:ute)?\b|\b(?:TPM|RPM|ITPM|OTPM|tokens\/min|requests\/min)\b|每分[钟鐘]|(?:^|[^\d])1 ?分[钟鐘]内/i;

const perPeriodPhrase =
  /\b(?:per[ -]?|a |\/ ?)(?:hour|day|week|month)\b|\b(?:TPD|RPD|TPH|RPH|hourly|daily|weekly|monthly)\b|每(?:小时|小時|[天日周週月])|[今当當]日/i;

/** Decides whether a statement is about a limit of tokens or requests in a period longer than a minute. */
export function isPerPeriod(statement: string): boolean {
  return perPeriodPhrase.test(statement);
}

/** Decides whether a statement is about a limit of tokens or requests per minute. */
export function isPerMinute(statement: string): boolean {
  return perMinutePhrase.test(statement);
}

const rateStart =
  /^(?:the |your |this |api |openai |request ){0,3}(?:rate[- ]limit|too many requests|请求(?:过于)?频繁|速率)/i;

/**
 * Reads trouble with the account that pays for the key out of an error, in English or Chinese; undefined: the error
 * is about something else. A limit per minute is no trouble of the account, and neither is a remark about billing in
 * a rate limit.
 */
export function readAccountTrouble(
  error: UpstreamErrorText,
  statement: string = readProse(error).statement,
): AccountTrouble | undefined {
  if (hasCode(unpaidCodes, error) || hasBillingWord(error)) return "unpaid";
  if (statement === "" || isPerMinute(statement) || rateStart.test(error.message) || rateStart.test(statement))
    return undefined;
  if (states(statement, unpaidPhrases)) return "unpaid";
  return states(statement, quotaPhrases) ? "quota" : undefined;
}

function hasBillingWord({ type = "", code = "" }: UpstreamErrorText): boolean {
  return /^billing_/i.test(type) || /^billing_/i.test(code);
}

const refusedCodes: ReadonlySet<string> = new Set([
  "invalid_api_key",
  "incorrect_api_key",
  "api_key_invalid", // Google
  "invalidapikey", // DashScope
  "authentication_error",
  "invalid_authentication",
  "invalid_authentication_error", // Moonshot
  "authenticationerror",
  "unauthenticated",
  "unauthorized",
  "account_deactivated",
  "invalid_token",
  "token_expired",
  "access_token_expired", // Google, as the next
  "consumer_invalid",
  "account_state_invalid",
  "expiredtokenexception", // AWS, with 403
  "expiredtoken",
  "unrecognizedclientexception",
  "invalidclienttokenid",
  "invalidsignatureexception",
  "missingauthenticationtokenexception",
  "incompletesignature",
]);

const refusedPhrases: readonly RegExp[] = [
  /\b(?:incorrect|invalid|wrong|expired|revoked) (?:x-)?api[-_ ]?(?:key|token)\b/i, // xAI sends this with 400
  /\bapi[-_ ]?key (?:is |was |has )?(?:been )?(?:not valid|invalid|incorrect|expired|revoked|disabled|deactivated|deleted)\b/i, // Google, with 400
  /\bno (?:valid )?api[-_ ]?key (?:was )?(?:provided|found|supplied)\b/i,
  /\b(?:invalid|expired) (?:bearer |access |oauth |authentication )(?:token|credentials?)\b/i,
  /(?:无效|無效|错误|錯誤)的? ?(?:令牌|密钥|密鑰|api ?key)|(?:令牌|密钥|密鑰|api ?key).{0,6}(?:无效|無效|失效|过期|過期|不正确|不正確|错误|錯誤|已禁用)/i,
];

/** Decides whether an error refuses the key itself, whatever the status. */
export function isKeyRefused(error: UpstreamErrorText, statement: string = readProse(error).statement): boolean {
  return hasCode(refusedCodes, error) || states(statement, refusedPhrases);
}

/** Decides whether the vendor's type or code is one of `codes`, which are in lower case. */
export function hasCode(codes: ReadonlySet<string>, { type, code }: UpstreamErrorText): boolean {
  return codes.has(type?.toLowerCase() ?? "") || codes.has(code?.toLowerCase() ?? "");
}

/**
 * Decides whether an error is about the account's money, and not about the request or its rate, so that a retry is
 * useless. OpenAI sends such an error as 429 or 400 (`insufficient_quota`), Anthropic as 400 ("Your credit balance is
 * too low"), DeepSeek and OpenRouter as 402.
 *
 * @param error - error of `readErrorText`.
 * @returns true if the account has to be topped up.
 * @example
 * ```ts
 * console.log(isAccountError({ message: "Your credit balance is too low to access the Anthropic API." })); // true
 * ```
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
