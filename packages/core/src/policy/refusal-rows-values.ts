import { isObject } from "../base/json.ts";
import type { RefusalRow, RefusedRequest } from "./refusal-types.ts";
import { effortOf, isThinkingOff, namesWord, thinkingMembers, toolsOf, turnsOf } from "./sent-parts.ts";

const rising = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
const listMark =
  /(?:(?:supported|valid|allowed|accepted|possible|permitted|available) (?:values|levels|options|efforts)|must be|should be|expected|one of|only|supports|supported:|choose from|可选值|取值|支持)/i;

const refusedValue =
  /(?:not (?:be )?(?:supported|allowed|valid|permitted|accepted|one of|a valid)|does not support|unsupported|invalid|unknown|must be|should be|expected|one of|only|unrecogni[sz]ed|不支持|取值|非法)/i;

/** The model knows no effort at all, whatever was asked: GitHub Copilot. */
const noEffort =
  /(?:does(?: not|n['’]t)|do(?: not|n['’]t)) (?:support|accept|have|allow)(?: the| any| a)? ['"`]?reasoning[ _.]?effort/i;

const limitWords = /\brange\b|at most|too large|less than|exceed|between|<=|≤|larger than|greater than/i;

/** The efforts that a refusal of one leaves: those that it lists, else the others that the profile has. */
function effortsLeft(text: string, refused: string, known: readonly string[]): readonly string[] {
  const at = listMark.exec(text)?.index ?? 0;
  const listed = rising.filter((effort) => effort !== refused && namesWord(text.slice(at), effort));
  return listed.length > 0 ? listed : known.filter((effort) => effort !== refused);
}

/** Wordings of models that cannot be told not to think. */
export const thinkingOnWordings: readonly RegExp[] = [
  /(?:thinking|reasoning)[^.]{0,80}(?:cannot|can['’]?t|can not|may not|must not|not) be (?:disabled|turned off|switched off|off)/i,
  /only works? in thinking mode|\bbudget 0 is invalid/i,
  /(?:thinking|reasoning) (?:mode )?is (?:mandatory|required|always)|only type ?= ?['"`]?enabled|always (?:thinks|reasons)/i,
  /(?:thinking|reasoning)[^.]{0,80}(?:only|must be|expected|should be)[^.]{0,30}(?:enabled|true|adaptive)|['"`]?disabled['"`]?[^.]{0,60}(?:not (?:supported|allowed|valid)|invalid|unsupported)/i,
  /(?:not support|unsupported|invalid|cannot|can['’]?t|unknown variant)[^.]{0,60}(?:disabl\w+|non-?thinking|turn(?:ing)? off|思考关闭)|(?:不支持|无法|不能)关闭.{0,8}(?:思考|thinking)/i,
];

/** Rows about values, limits and thinking. */
export const valueRows: readonly RefusalRow[] = [
  {
    id: "max-tokens-name",
    wordings: [
      /use ['"`]?max_(?:completion_|output_)?tokens['"`]? instead/i,
      /max_(?:completion_)?tokens['"`]?[^.]{0,40}(?:not (?:supported|permitted|allowed|recogni[sz]ed)|unsupported|deprecated|extra inputs|extra fields|unexpected|unknown|cannot find)/i,
      /(?:unsupported|unknown|unrecogni[sz]ed|unexpected|extra|invalid|not support|deprecated|extra_forbidden)[^.]{0,60}['"`]?\bmax_(?:completion_)?tokens\b(?!['"`]? (?:value|is too))/i,
    ],
    applies: ({ dialect, body }) =>
      dialect === "chat" && (body["max_tokens"] !== undefined || body["max_completion_tokens"] !== undefined),
    change: ({ body, tried }, text) => {
      const sent = body["max_tokens"] === undefined ? "max_completion_tokens" : "max_tokens";
      const other = sent === "max_tokens" ? "max_completion_tokens" : "max_tokens";
      // A limit is named: that the number is too large is said of neither name.
      if (!namesWord(text, sent) || limitWords.test(text)) return undefined;
      // Both names refused: the row of members leaves it out.
      if ([...tried].some((id) => id.startsWith("max-tokens-name:"))) return undefined;
      return { maxTokensField: other };
    },
  },
  {
    id: "whole-only",
    suitsPassed: true,
    // The lesson asks for a whole answer, which is streamed to a client that asked for a stream. OpenAI streams some models to verified organizations alone.
    wordings: [
      /must be verified to stream\b/i,
      /['"`]stream['"`] does not support (?:true|this value)/i,
      // Not "does not support streaming with n > 1": the lesson would take the streams of all other requests too.
      /(?:does not|doesn't|do not|not) support stream(?:ing|s|ed responses?)?\b(?! options?\b| of\b|,? (?:with|when|if|while) (?!(?:using |with )?(?:this|your|tools?|functions?)\b))/i,
      // Not "the input stream is not allowed to be empty", nor "the upstream stream is not available": these are of other streams.
      /(?<!\b(?:input|data|upstream|video|audio|live|byte|body)[ -])\bstream(?:ing)?['"`]?(?: mode| requests?| calls?| output| responses?)? (?:is|are) (?:not (?:yet |currently )?(?:supported|allowed|available|enabled)|unsupported)\b(?!,? (?:with|when|if|while) (?!(?:using |with )?(?:this|your|tools?|functions?)\b))/i,
      /不支持流式/,
    ],
    applies: ({ dialect, body }) => dialect !== "messages" && body["stream"] === true,
    change: ({ dialect, profile }) => {
      if (dialect === "messages" || profile.extraBody["stream"] === false) return undefined;
      return { extraBody: { ...profile.extraBody, stream: false }, streamUsage: false };
    },
  },
  {
    id: "stream-only",
    // The lesson asks for a stream, which is collected for a client that asked for a whole answer.
    wordings: [
      /only supports? stream|stream must be set to true|enable the stream parameter|streaming is (?:strictly )?required/i,
      /non-?stream(?:ing)?(?: mode| requests?| calls?| output)? (?:is|are) not (?:supported|allowed)|(?:仅|只)支持流式/i,
    ],
    applies: ({ dialect, body }) => dialect !== "messages" && body["stream"] !== true,
    change: ({ dialect, profile }) => {
      if (dialect === "messages") return undefined;
      const usage = dialect === "chat" && profile.streamUsage && { stream_options: { include_usage: true } };
      return { extraBody: { ...profile.extraBody, stream: true, ...usage } };
    },
  },
  {
    id: "effort-with-tools",
    // "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions."
    wordings: [
      /(?:function )?tools (?:with|and|together with) ['"`]?reasoning[_ .]?effort['"`]? (?:are|is) not supported/i,
    ],
    applies: (request) => request.dialect === "chat" && effortOf(request) !== undefined && toolsOf(request).length > 0,
    change: ({ dialect, profile }) =>
      dialect === "messages" || !profile.effortWithTools ? undefined : { effortWithTools: false },
  },
  {
    id: "reasoning-summary",
    suitsPassed: true,
    wordings: [/(?:verified|verification)[^.]{0,60}reasoning summar|reasoning summar(?:y|ies)[^.]{0,60}(?:not|un)/i],
    applies: ({ dialect, body }) =>
      dialect === "responses" && isObject(body["reasoning"]) && body["reasoning"]["summary"] !== undefined,
    change: ({ dialect, profile }) =>
      dialect === "messages" || !profile.reasoningSummary ? undefined : { reasoningSummary: false },
  },
  {
    id: "effort",
    wordings: [
      /(?:reasoning[_. ]?)?effort.{0,120}?(?:not|unsupported|invalid|must|should|expected|one of|only|supported values|不支持|取值)/i,
      /(?:not support|unsupported|invalid|expected|must be|unknown|unrecogni[sz]ed|不支持)[^.]{0,60}(?:reasoning[_. ]?)?effort/i,
      // Ollama: "invalid reasoning value: 'xhigh' (must be \"high\", \"medium\", \"low\", or \"none\")"
      /(?:reasoning|thinking|think) (?:value|level|mode):? ['"`]?\w{3,8}['"`]?[^.]{0,8}(?:must be|should be|expected|one of|supported|valid)/i,
      /\bthink(?:ing)? value ['"`]?\w{3,8}['"`]? (?:is )?not supported/i,
      /(?:reasoning |thinking |effort )?level ['"`]?\w{3,8}['"`]? (?:is )?not supported/i,
    ],
    applies: (request) => request.dialect !== "messages" && effortOf(request) !== undefined,
    change: (request, text) => {
      const sent = effortOf(request);
      if (request.dialect === "messages" || sent === undefined || !refusedValue.test(text)) return undefined;
      // Without the value, or a list of others, it is the member itself that is refused.
      const isValue =
        namesWord(text, sent) || (listMark.test(text) && rising.some((effort) => namesWord(text, effort)));
      if (!isValue) return undefined;
      if (noEffort.test(text) && !/\b(?:values?|levels|options)\b/i.test(text)) return { reasoning: "none" };
      const efforts = effortsLeft(text, sent, request.profile.efforts);
      if (efforts.length === 0) return { reasoning: "none" };
      return { efforts, ...(sent === "none" && { thinkingOff: false }) };
    },
  },
  {
    id: "sampling-pair",
    wordings: [
      /temperature['"`]? and ['"`]?top_p['"`]?.{0,40}(?:both|together|same time)|only one of ['"`]?(?:temperature|top_p)/i,
    ],
    applies: ({ body }) => body["temperature"] !== undefined && body["top_p"] !== undefined,
    change: () => ({ omit: ["top_p"] }),
  },
  {
    id: "temperature",
    wordings: [
      /\btemperature\b.{0,100}?(?:only|must|should|between|range|strictly|greater|less|at most|at least|does not support|不支持|取值|范围)/i,
      /(?:range of|invalid|unsupported value).{0,24}\btemperature\b/i,
    ],
    applies: ({ dialect, body }) => dialect !== "messages" && body["temperature"] !== undefined,
    change: (request, text) => temperatureChange(request, text),
  },
  {
    id: "top-p",
    // Alibaba, Baidu and others: "top_p must be in (0, 0.8]".
    wordings: [
      /\btop_p\b['"`]?.{0,60}?(?:only|must|should|between|range|strictly|greater|less|at most|at least|取值|范围)|(?:range of|invalid) ['"`]?top_p\b/i,
    ],
    applies: ({ dialect, body }) => dialect !== "messages" && body["top_p"] !== undefined,
    change: ({ profile }) => (profile.omit.includes("top_p") ? undefined : { omit: ["top_p"] }),
  },
  {
    id: "stop-count",
    wordings: [
      /\bstop(?:_sequences| sequences?)?\b.{0,100}?(?:maximum length|at most|no more than|max(?:imum)?(?: of)?|up to|exceeds?|too many|最多)/i,
    ],
    applies: ({ dialect, body }) => dialect === "chat" && Array.isArray(body["stop"]),
    change: ({ dialect, profile }, text) => {
      if (dialect === "messages") return undefined;
      const stopLimit = leastNumber(text) ?? 0;
      return stopLimit < profile.stopLimit ? { stopLimit } : undefined;
    },
  },
  {
    id: "reasoning-history",
    wordings: [
      /reasoning_content.{0,80}(?:must be passed|missing|required|is empty|must not be empty|must be provided)|(?:missing|without|requires?|provide|pass(?:ing)?)[^.]{0,60}reasoning_content/i,
    ],
    applies: (request) =>
      request.dialect === "chat" &&
      turnsOf(request).some(({ role, reasoning_content: thought }) => role === "assistant" && thought === undefined),
    change: ({ dialect, profile }) =>
      dialect === "messages" || profile.reasoningHistory === "reasoning_content"
        ? undefined
        : { reasoningHistory: "reasoning_content" },
  },
  {
    id: "thought-signatures",
    // "Function call is missing a thought_signature in functionCall parts." (Gemini); OpenRouter names its own place for it in front of that.
    wordings: [
      /missing (?:a |an |the |its )?['"`]?thought_?signature|thought_?signature['"`]? (?:is )?(?:missing|required)|require[sd]? [^.]{0,40}reasoning[ _]details/i,
    ],
    applies: (request) =>
      request.dialect === "chat" && turnsOf(request).some(({ tool_calls: calls }) => calls !== undefined),
    change: ({ dialect, profile, tried }, text) => {
      if (dialect === "messages") return undefined;
      const form = /reasoning[ _]details/i.test(text) ? "openrouter" : "google";
      // Google Cloud has another name for it.
      const isTried = [...tried].some((id) => id.startsWith("thought-signatures:"));
      const next = profile.thoughtSignatures === form || isTried ? "vertex" : form;
      return profile.thoughtSignatures === next ? undefined : { thoughtSignatures: next };
    },
  },
  {
    id: "thinking-on",
    wordings: thinkingOnWordings,
    applies: (request) => request.dialect !== "messages" && isThinkingOff(request),
    change: (request) => {
      if (request.dialect === "messages") return undefined;
      const { efforts, thinkingOff } = request.profile;
      const isEffort = effortOf(request) === "none" && efforts.includes("none");
      if (!thinkingOff && !isEffort) return undefined;
      return { thinkingOff: false, ...(isEffort && { efforts: efforts.filter((effort) => effort !== "none") }) };
    },
  },
  {
    id: "thinking-form",
    wordings: [/enable_thinking.{0,80}(?:must be (?:set to )?false|only supports? stream|non-?streaming|restricted)/i],
    applies: ({ dialect }) => dialect === "chat",
    change: ({ dialect, profile }) =>
      dialect === "messages" || profile.reasoning === "qwen" ? undefined : { reasoning: "qwen" },
  },
  {
    id: "thinking",
    wordings: [
      // Not "top_p is not supported for reasoning models".
      /(?:does|do|did|is|are|can)(?: not|n['’]?t) (?:currently |yet )?(?:support|allow|accept|enable|have)[^.]{0,40}\b(?:thinking|reasoning)\b(?!\.\w| models?\b)/i,
      /\b(?:thinking|reasoning)\b(?!\.\w)(?:[_ ](?:mode|budget|effort|parameter|config\w*))?[^.]{0,30}(?:is|are)(?: not|n['’]?t) (?:currently )?(?:supported|available|enabled|allowed)/i,
      /unsupported[^.]{0,20}\b(?:thinking|reasoning)\b(?!\.\w)|不支持.{0,8}(?:思考|推理|thinking|reasoning)/i,
    ],
    applies: ({ dialect, body }) => dialect !== "messages" && thinkingMembers.some((name) => body[name] !== undefined),
    change: ({ dialect, profile }) =>
      dialect === "messages" || profile.reasoning === "none" ? undefined : { reasoning: "none" },
  },
  {
    id: "native-thinking",
    wordings: [
      /\bthinking(?:\.type)?['"`]?:? (?:input tag|input should be|extra inputs|unknown variant)/i,
      /(?:does not|doesn['’]?t) support[^.]{0,30}\bthinking\b|\bthinking\b[^.]{0,30} (?:is|are) not (?:supported|available)/i,
    ],
    applies: ({ dialect, body }) => dialect === "messages" && body["thinking"] !== undefined,
    change: ({ profile }) => (profile.omit.includes("thinking") ? undefined : { omit: ["thinking"] }),
  },
  {
    id: "native-effort",
    // "output_config.effort: Input should be 'low', 'medium' or 'high'"
    wordings: [
      /\beffort\b.{0,80}?(?:input should be|must be|should be|expected|not supported|unsupported|invalid|unknown variant|one of|不支持)|(?:invalid|unsupported|unknown)[^.]{0,24}\beffort\b/i,
    ],
    applies: (request) => request.dialect === "messages" && effortOf(request) !== undefined,
    change: ({ profile }) =>
      profile.omit.includes("output_config.effort") ? undefined : { omit: ["output_config.effort"] },
  },
  {
    id: "native-user-id",
    // "metadata.user_id: String should match pattern '^[a-zA-Z0-9_-]+$'": a hash holds 64 of these.
    wordings: [
      /user_id\b.{0,80}?(?:at most|too long|maximum|length|pattern|must match|characters|长度|字符)|(?:invalid|illegal|非法)[^.]{0,16}user_id/i,
    ],
    applies: ({ dialect, body }) =>
      dialect === "messages" && isObject(body["metadata"]) && typeof body["metadata"]["user_id"] === "string",
    change: ({ dialect, profile }) =>
      dialect !== "messages" || profile.userId === "hash" ? undefined : { userId: "hash" },
  },
  {
    id: "encrypted-reasoning",
    wordings: [
      /encrypted[_ ]content.{0,60}(?:not (?:supported|available|allowed)|unsupported)|(?:not support|unsupported)[^.]{0,60}encrypted[_ ]content/i,
    ],
    applies: ({ dialect, body }) =>
      dialect === "responses" &&
      Array.isArray(body["include"]) &&
      body["include"].includes("reasoning.encrypted_content"),
    change: () => ({ encryptedReasoning: false }),
  },
];

/** Zero cannot be sent where a temperature must be positive. */
const leastPositive = 0.01;

function temperatureChange(
  { body, dialect, profile }: RefusedRequest,
  text: string,
): Readonly<Record<string, unknown>> | undefined {
  const sent = body["temperature"];
  if (dialect === "messages" || typeof sent !== "number") return undefined;
  const bounds = /(?<open>[[(])? ?(?<low>\d(?:\.\d{1,4})?) ?(?:,|-|–|~|and|to|至) ?(?<high>\d(?:\.\d{1,4})?)/i.exec(
    text,
  )?.groups;
  const low = Number(bounds?.["low"] ?? 0);
  const high = Number(bounds?.["high"] ?? Number.NaN);
  const isOpen = bounds?.["open"] === "(" || /strictly|greater than 0|positive|> ?0/i.test(text);
  const range = [isOpen && low === 0 ? leastPositive : low, Number.isFinite(high) && high > low ? high : 2] as const;
  const isUseful = (Number.isFinite(high) && high > low) || (isOpen && sent <= 0);
  const isBeyond = sent < range[0] || sent > range[1];
  if (isUseful && isBeyond && !/only/i.test(text)) return { temperatureRange: range };
  return profile.omit.includes("temperature") ? undefined : { omit: ["temperature"] };
}

/** Returns the smallest whole number that a text about a maximum names. */
export function leastNumber(text: string): number | undefined {
  const numbers = [...text.matchAll(/(?<![\w.])\d{1,5}(?![\w.]*\w)/g)].map(([digits]) => Number(digits));
  return numbers.length === 0 ? undefined : numbers.reduce((least, number) => Math.min(least, number));
}
