import type { UpstreamErrorText } from "../base/outcome.ts";
import { hasCode } from "./account-text.ts";
import { type Prose, states, withoutLabels } from "./prose.ts";

const unknownCodes: ReadonlySet<string> = new Set([
  "model_not_found",
  "modelnotfound",
  "model_not_found_error",
  "deploymentnotfound", // Azure
  "model_not_exist",
  "model_not_exists",
  "model_does_not_exist",
  "invalid_model", // Mistral
  "invalid_model_error",
  "invalid_model_id",
  "unknown_model", // GitHub Models
  "unsupported_model",
  "model_not_supported", // GitHub Copilot
  "model_not_available",
  "model_decommissioned", // Groq
  "model_deprecated",
  "model_retired",
  "model_disabled",
  "modelnotopen", // Volcengine
  "invalidendpointormodel.notfound", // Volcengine
  "no_available_channel",
  "get_channel_failed", // new-api
  "resource_not_found_error", // Moonshot
  "1211", // Zhipu
]);

const absent =
  "(?:(?:does not|doesn't|do not|did not) exist|not exists?|(?:is |was |are |were )?not found|(?:could not|cannot|can't) be found|" +
  "(?:is |are )?(?:not|no longer) (?:available|supported|served|deployed|loaded|enabled|configured|recogni[sz]ed|active)|(?:is|are) unsupported|" +
  "(?:is|are|was|has been|have been) (?:deprecated|decommissioned|retired|removed|shut ?down|discontinued|sunset)|has reached (?:its )?end[- ]of[- ]life|is not a valid|is invalid|is unknown)";

// Each is tried against an outline, in which a quoted name is `¤`.
const unknownPhrases: readonly RegExp[] = [
  new RegExp(
    `\\b(?:models?|model identifier|model_id|modelid)(?: id| name)?[ :=]{1,3}(?:\\S{1,160} ){0,2}${absent}`,
    "i",
  ),
  new RegExp(`\\bmodels/\\S{1,160} ${absent}`, "i"), // Gemini
  /\b(?:no such|unknown|invalid|unrecogni[sz]ed|unsupported|nonexistent|non-existent|incorrect)[ _-](?:chat |language |or unsupported )?model(?! (?:parameter|output|response|input|argument|type))\b/i,
  /^\S{1,160} is not a (?:valid|supported|known) model\b|\bnot a (?:valid|supported|known) model\b/i, // OpenRouter
  /\b(?:could not|couldn't|cannot|can't|unable to|failed to) (?:find|resolve|locate|load|access)(?: the| non-serverless| requested)? model\b/i, // Together, vLLM
  /\bnot found the model\b/i, // Moonshot
  /\bno (?:available |active )?(?:channels?|providers?|accounts?|deployments?) (?:available |found |configured )?(?:for|supports?|with)\b[^.]{0,60}\bmodel\b/i,
  /\bno endpoints? (?:found|available) (?:for|matching)\b|\bno (?:allowed )?providers (?:are )?available for (?:the |this )?(?:selected |requested )?model\b/i, // OpenRouter
  /\bunknown provider for model\b/i, // CLIProxyAPI
  /\bLLM provider not provided\b/i, // LiteLLM
  /\boperation does not work with the specified model\b/i, // Azure
  /\b(?:deployment|inference profile|endpoint)\b[^.]{0,60}\b(?:does not exist|not found)\b/i, // Azure, Bedrock
  /\bmodel identifier is invalid\b|\bon-demand throughput isn.t supported\b|\b(?:doesn.t|does not) support on-demand throughput\b/i, // Bedrock
  /\bpublisher model\b[^.]{0,200}\bnot found\b/i, // Vertex
  /模型[^，。,]{0,100}(?:不存在|未找到|找不到|已下线|已下架|已停用|未开通|未部署|无可用渠道|暂不可用|无效)/,
  /(?:不支持|未知|无效|無效|找不到|未找到|不存在)(?:的|该|此|当前|指定的?|请求的?)?(?: ?ai ?)?模型/i,
  /(?:无|没有|暂无|沒有)可用(?:的)?(?:渠道|通道|账号|模型|服务商)/,
];

/** Decides whether an error states that the provider does not have the model, in any vendor's words. */
export function isUnknownModel(error: UpstreamErrorText, { statement, outline }: Prose): boolean {
  if (hasCode(unknownCodes, error)) return true;
  const { type, param, message } = error;
  const isModel = param === "model" || /^model: ?\S{1,160}$/i.test(message);
  if (type === "not_found_error" && isModel) return true;
  const text = outline.slice(0, 400);
  // A client's text would have to be the name of a model to stand here unquoted.
  if (states(withoutLabels(text), unknownPhrases) && (statement !== "" || text.length < 200)) return true;
  return (
    param === "model" && !/\b(?:required|missing|must provide|must be a|string|empty)\b/i.test(text) && text !== ""
  );
}

const deniedCodes: ReadonlySet<string> = new Set([
  "model_access_denied",
  "model_not_allowed",
  "model_permission_denied",
  "setlimitexceeded", // Volcengine: the limit that the account set for the model
  "1311", // Zhipu: the plan does not have the model
]);

const deniedPhrases: readonly RegExp[] = [
  /\borgani[sz]ation must be verified to (?:use|access)\b/i, // OpenAI
  /\borgani[sz]ation policy constraint\b[^:]{0,80}\b(?:violated|allowedModels)\b/i, // Vertex AI
  /\b(?:not|no|don't|doesn't)(?: have)? (?:access|permission|allowed|entitled|authori[sz]ed|permitted)\b[^.]{0,60}\b(?:models?|opus|sonnet|haiku|fable|mythos)\b/i,
  /\baccess to\b[^.]{0,80}\b(?:models?|opus|sonnet|haiku|fable|mythos|famil(?:y|ies))\b[^.]{0,40}\b(?:not allowed|denied|not permitted|not available|restricted|forbidden)\b/i,
  /\b(?:models?|opus|sonnet|haiku|fable|mythos|famil(?:y|ies))\b[^.]{0,60}\b(?:not allowed|not permitted|not enabled|not included|not available) (?:for|in|on|with|by) (?:this|your|the) (?:account|plan|key|token|subscription|api|group|organi[sz]ation|project)\b/i,
  /\bmodels?\b[^.]{0,60}\bis suspended for (?:this|your|the) (?:account|group|organi[sz]ation|project|workspace)\b/i, // Anthropic
  /\b(?:extra usage|usage credits) (?:is|are) required for\b/i, // Anthropic's plans: "… for Claude Opus 4.8"
  /(?:套餐|订阅|訂閱)[^，。,]{0,16}(?:未开放|未開放|不包含|未包含).{0,30}(?:权限|權限|模型)/,
  /无权(?:限)?(?:访问|使用|调用)?.{0,30}模型|模型.{0,40}无权|(?:令牌|账号|账户|分组|套餐).{0,12}(?:无权|不支持|不允许|未授权|不可).{0,30}模型/,
];

/** Decides whether an error states that this account, unlike others, may not use the model. */
export function isModelDenied(error: UpstreamErrorText, { statement }: Prose): boolean {
  // Bedrock's words for an account that may not use the model.
  if (error.type === "ValidationException" && /^operation not allowed\.?$/i.test(error.message)) return true;
  return hasCode(deniedCodes, error) || (statement !== "" && states(statement, deniedPhrases));
}

const streamDenied: readonly RegExp[] = [/\borgani[sz]ation must be verified to stream\b/i];

/** Decides whether an error states that this account may not have streams of the model (OpenAI's unverified organizations). */
export function isStreamDenied({ statement }: Prose): boolean {
  return statement !== "" && states(statement, streamDenied);
}
