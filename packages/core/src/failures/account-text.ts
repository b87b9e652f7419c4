import type { UpstreamErrorText } from "../policy/outcome.ts";

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
  "account_overdue",
  "organization_usage_limit_exceeded", // OpenAI, as the next two
  "organization_spend_limit_exceeded",
  "project_spend_limit_exceeded",
  "payment_required",
  "organization_restricted", // Groq
]);

const money = "(?:balance|credits?|quota|funds)";

// Each is tried against the error's message alone, in any case.
const unpaidPhrases: readonly RegExp[] = [
  /\bcredit balance\b/i,
  new RegExp(
    `\\b(?:insufficient|not enough|inadequate|out of|used up|depleted|exhausted)(?: \\w+){0,3} ${money}\\b`,
    "i",
  ),
  new RegExp(`\\b(?:no|low|negative|zero)(?: remaining| available| more| account)? ${money}\\b`, "i"),
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
  /\b(?:account|organi[sz]ation|workspace|subscription)\b[^.]{0,40}\b(?:is|was|been) (?:\w+ )?(?:suspended|disabled|deactivated|restricted|banned|terminated|frozen|expired|inactive|not active)\b/i,
  /\b(?:reached|exceeded|hit|over)\b[^.]{0,30}\b(?:spend(?:ing)?|budget|monthly|billing|credit|specified api usage)\b[^.]{0,20}\b(?:limits?|caps?|budget)\b/i,
  /\b(?:spend(?:ing)?|billing|monthly|credit)\b(?: \w+){0,2} (?:limits?|cap)\b[^.]{0,20}\b(?:reached|exceeded|hit|exhausted)\b/i,
  /\bregain access on\b/i, // Anthropic: the workspace's own spending limit
  /(?:余额|餘額).{0,8}(?:不足|不够|不夠|耗尽|耗盡|用尽|用完|过低|為零|为零|为 ?0)|(?:不足|没有|沒有|无)(?:可用)?(?:的)?(?:余额|餘額)/,
  /(?:额度|額度|配额|配額|点数|點數|积分|積分|资源包|資源包|套餐|流量包).{0,8}(?:不足|不够|不夠|耗尽|耗盡|用尽|用盡|用完|已到期|已过期|過期)/,
  /欠费|欠費|透支|预扣费|預扣費|充值|储值|儲值|缴费|繳費/,
  /(?:账户|账号|帐户|帐号|帳戶|帳號|賬戶|賬號).{0,8}(?:冻结|凍結|停用|禁用|封禁|被封|注销|到期|过期|過期)/,
];

const quotaPhrases: readonly RegExp[] = [
  /\bexceed(?:ed|s)?(?: \w+){0,4} quota\b|\bquota(?: \w+){0,4} exceed(?:ed|s)?\b|\bquota (?:limit )?reached\b/i,
  // The word alone is in header names and in tools; next to these it is about money.
  /(?<![-\w])billing(?![-\w])[^.]{0,40}\b(?:details?|account|information|method|limit|plan|payment|issue|problem|status|active|inactive|enabled|disabled|suspended|settings|page|error)\b/i,
  /\b(?:plans?|payment|account|enable|check|update|verify|review|visit|set up|your)\b[^.]{0,30}(?<![-\w])billing(?![-\w])/i,
  /(?:超出|超过|超過|达到|達到).{0,6}(?:配额|配額|额度|額度)|(?:配额|配額|额度|額度).{0,6}(?:超出|超限|上限|已满|已滿)/,
];

/** What an error's words say about the account that pays for the key; undefined where they say nothing of the kind. English and Chinese. */
export function readAccountTrouble({ message, type, code }: UpstreamErrorText): AccountTrouble | undefined {
  if (hasCode(unpaidCodes, type, code) || unpaidPhrases.some((phrase) => phrase.test(message))) return "unpaid";
  return quotaPhrases.some((phrase) => phrase.test(message)) ? "quota" : undefined;
}

const refusedCodes: ReadonlySet<string> = new Set([
  "invalid_api_key",
  "incorrect_api_key",
  "api_key_invalid", // Google
  "invalidapikey", // DashScope
  "authentication_error",
  "invalid_authentication",
  "invalid_authentication_error", // Moonshot
  "unauthenticated",
  "unauthorized",
  "account_deactivated",
]);

const refusedPhrases: readonly RegExp[] = [
  /\b(?:incorrect|invalid|wrong|expired|revoked) (?:x-)?api[-_ ]?(?:key|token)\b/i, // xAI sends this with 400
  /\bapi[-_ ]?key (?:is |was |has )?(?:been )?(?:not valid|invalid|incorrect|expired|revoked|disabled|deactivated|deleted)\b/i, // Google, with 400
  /\bno (?:valid )?api[-_ ]?key (?:was )?(?:provided|found|supplied)\b/i,
  /(?:无效|無效|错误|錯誤)的? ?(?:令牌|密钥|密鑰|api ?key)|(?:令牌|密钥|密鑰|api ?key).{0,6}(?:无效|無效|失效|过期|過期|不正确|不正確|错误|錯誤|已禁用)/i,
];

/** Whether an error's words refuse the key itself, whatever the status says. */
export function isKeyRefused({ message, type, code }: UpstreamErrorText): boolean {
  return hasCode(refusedCodes, type, code) || refusedPhrases.some((phrase) => phrase.test(message));
}

function hasCode(codes: ReadonlySet<string>, type: string | undefined, code: string | undefined): boolean {
  return codes.has(type?.toLowerCase() ?? "") || codes.has(code?.toLowerCase() ?? "");
}
