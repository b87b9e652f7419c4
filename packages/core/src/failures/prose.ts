import type { UpstreamErrorText } from "../base/outcome.ts";

/** No statement of an error is longer than this, once the parts that it quotes are cut out. */
const longestStatement = 400;

/**
 * An error's message as evidence. A client's own words may stand in it, quoted by a validation error, so that only these readings of it decide
 * anything; the message itself is for people.
 */
export interface Prose {
  /**
   * Text that the provider itself states: without quoted parts, bracketed parts and the label of a relay in front.
   * `""` if the error is about a place in the request.
   */
  readonly statement: string;
  /** The whole message, but with `¤` in place of what it quotes other than numbers and parameters. `""` where it repeats what it was given. */
  readonly outline: string;
}

/** Reads a message as evidence. Linear in its length. */
export function readProse(error: UpstreamErrorText): Prose {
  if (namesRequestPath(error)) return { statement: "", outline: "" };
  const message = oneLine(error.message);
  const outline = withoutQuotes(message, keepName).trim();
  if (echoForms.some((form) => form.test(outline))) return { statement: "", outline: "" };
  if (isValidation(outline) || wholePart.test(error.param ?? "")) {
    // Between two quoted parts the client's own quotation marks may stand, and then it is the client who speaks there.
    return { statement: "", outline: outline.split("¤").length > 2 ? "" : outline };
  }
  const bare = withoutQuotes(message.replace(bracketsStart, ""), dropAll, brackets);
  return { statement: withoutLabels(bare).trim().slice(0, longestStatement), outline };
}

const requestParts =
  "messages?|tools?|system|input|contents?|tool_choice|functions?|body|instructions|metadata|tool_calls?|parts|thinking|output_config|response_format";

const pathForms: readonly RegExp[] = [
  // messages.0.content, messages[0], tools[3].function, input[1], contents.parts
  new RegExp(
    `(?:^|[^\\w/.-])(?:${requestParts})(?:\\.(?:\\d|\\*|[a-z_]{2,40}\\b(?!\\.\\w{2,4}/))|\\[\\s*["']?[\\w*])`,
    "i",
  ),
  /(?:^|[^\w.-])[a-z_]{2,40}(?:\[\d{1,6}\]|\.\d{1,6}\.[a-z_])/i,
  /\bbody["']?\s{0,3}(?:->|→|>|,|\/)\s{0,3}["']?[a-z_]/i,
  new RegExp(`(?:^|[\\s"'\`(#])/(?:${requestParts})(?:/|\\b)`, "i"), // a JSON pointer
  /\$(?:\.[a-z_]|\[["'\d*])/i, // a JSON path
  /["'](?:loc|path|instancePath|input_value)["']\s{0,3}:/,
  /\bfound using\b|\binput tag\b|\bGo struct field\b|\binput_value=|\bat line \d{1,9},? column\b/i,
  /\b(?:at|in|of) (?:index|position) \d/i,
  /第 {0,2}\d{1,6} {0,2}(?:条|個|个|轮)(?:消息|訊息|工具|内容)/,
];

/**
 * Decides whether an error names a place in the request. It is then about the request, whatever words it repeats from
 * there.
 */
export function namesRequestPath({ message, param }: UpstreamErrorText): boolean {
  // No parameter has white space or Chinese in its name: it is one that the client made up.
  if (param !== undefined && /[.[/\s\u0080-\uffff]/.test(param)) return true;
  const text = message.slice(0, 2_000);
  return pathForms.some((form) => form.test(text));
}

const wholePart = new RegExp(`^(?:${requestParts})$`, "i");

// Text behind these forms is quoted from the client's request, so it is no evidence about the provider.
const echoForms: readonly RegExp[] = [
  /\b(?:invalid|unexpected|unrecogni[sz]ed|unsupported|illegal|unknown|bad) (?:value|type|role|enum|content|text|literal|message|token|field|input|string|argument|option)s?\b[^.]{0,80}[:：=]\s{0,8}\S/i,
  /\bunknown variant\b|\bgiven=|\bpermitted:|\binput_value\b|\bbut (?:got|received|found|was)\b {0,8}[:：]?\s{0,8}\D/i,
  /\b(?:received|got|(?<!not )found|saw|you said|you sent|provided value|actual|value|content|text|input|prompt)\s{0,8}[:：=]\s{0,8}\D/i,
  /(?:无效|無效|非法|不支持|未知|错误)的(?:角色|类型|内容|消息|值|输入|参数|字段)[^。]{0,40}[:：]|(?:收到|输入|内容|消息|文本)(?:为|是)?[:：]/,
];

const validationForms: readonly RegExp[] = [
  /\bvalidation errors?\b|\binput_type\b|_error\b.{0,4}given=|\bgiven=|\bpermitted:|\bunknown variant\b|\binvalid_enum/i,
  /\binvalid (?:value|type|role|enum|content|input|text|parameter|argument|literal|schema|json|format|field|message|tool|option|request body|string|image|data)s?\b/i,
  /\b(?:unexpected|unrecogni[sz]ed|unsupported|illegal|unknown) (?:value|type|role|token|text|field|keyword|content|parameter|argument|character|input|key|message)s?\b/i,
  /\bis not (?:a|an|one of|valid (?:under|against|json)|supported|permitted|recogni[sz]ed|of type)\b|\bmust (?:be one of|be an?|match|contain|not contain|have|start|end)\b/i,
  /\b(?:supported|allowed|accepted|valid|possible) (?:values|types|roles|options) (?:are|is|include)\b|\bexpected (?:one of|an?|string|object|type|value)\b|\bshould (?:match|be an?|be one of|be a valid)\b/i,
  /\b(?:failed|unable|cannot|could not|can't) (?:to )?(?:parse|deseriali[sz]e|decode|unmarshal|validate|convert)\b|\b(?:parse|parsing|syntax|decoding|schema) error\b/i,
  /\bextra inputs\b|\bfields? required\b|\b(?:received|got|found|saw|was given|you sent|you said)\s?:|\bbut (?:got|received|found)\b/i,
  /(?:参数|參數|字段|欄位|角色|类型|內容|内容|消息|格式|输入|輸入|取值|值).{0,8}(?:有误|有誤|错误|錯誤|非法|无效|無效|不合法|不正确|不正確|校验|解析|不支持)|(?:无效|無效|非法|不支持|错误|未知)的(?:参数|參數|字段|角色|类型|内容|消息|格式|输入|值)|解析失败|校验失败|收到[:：]|输入为/,
];

function isValidation(text: string): boolean {
  const head = text.slice(0, 2_000);
  return validationForms.some((form) => form.test(head));
}

// A sentence with one of these is about a part of the request, and may name it by the client's own words.
const requestWords =
  /\b(?:tools?|functions?|propert(?:y|ies)|arguments?|parameters?|fields?|images?|files?|documents?|urls?|json|schemas?|roles?|contents?|messages?|prompts?|stop[_ ]sequences?|enum|variant|instance)\b|工具|函数|函數|参数|參數|字段|属性|屬性|图片|圖片|文件|消息|内容|內容|提示词|角色/i;

/**
 * Decides whether the statement makes one of `phrases` its own: at its beginning or in a sentence of its own. Behind
 * a colon or in brackets a message repeats its input, and a sentence about a part of the request, such as "No
 * function named … was specified", does not count.
 */
export function states(statement: string, phrases: readonly RegExp[]): boolean {
  return phrases.some((phrase) => {
    const match = phrase.exec(statement);
    if (match === null) return false;
    const before = statement.slice(0, match.index);
    const after = statement.slice(match.index + match[0].length);
    const sentence = `${lastSentence(before)}${match[0]}${firstSentence(after)}`;
    return !givenMark.test(before) && !requestWords.test(sentence);
  });
}

/**
 * Decides whether a text makes one of `phrases` its own: in a sentence without a colon or bracket in front of it,
 * behind which a message repeats its input.
 */
export function asserts(text: string, phrases: readonly RegExp[]): boolean {
  return phrases.some((phrase) => {
    const index = phrase.exec(text)?.index;
    return index !== undefined && !givenMark.test(lastSentence(text.slice(0, index)));
  });
}

const givenMark = /[:：=\n([（]/;

function lastSentence(text: string): string {
  return text.slice(Math.max(text.lastIndexOf(". "), text.lastIndexOf("。"), text.lastIndexOf("! ")) + 1);
}

function firstSentence(text: string): string {
  const end = text.search(/[.!](?:\s|$)|[。，；;]/);
  return end < 0 ? text : text.slice(0, end);
}

const quotePairs: ReadonlyMap<string, string> = new Map([
  ["'", "'"],
  ['"', '"'],
  ["`", "`"],
  ["«", "»"],
  ["‹", "›"],
  ["“", "”"],
  ["‘", "’"],
  ["„", "“"],
  ["「", "」"],
  ["『", "』"],
  ["《", "》"],
  ["【", "】"],
  ["{", "}"],
]);

const brackets: ReadonlyMap<string, string> = new Map([...quotePairs, ["(", ")"], ["（", "）"]]);
const bracketsStart = /^(?:\[[^\]"'{}]{0,100}\]|<\d{3}>)\s{0,4}/;

type Keep = (quoted: string) => string | undefined;

const dropAll: Keep = () => undefined;

/** Parameters and numbers are the provider's own words also where it quotes them. */
const keepName: Keep = (quoted) => (knownName.test(quoted) ? quoted : undefined);

const knownName =
  /^(?:\d[\d,]{0,14}|max_(?:completion_|output_|new_)?tokens|max_model_len|max_seq_len|inputs|signature|thinking|redacted_thinking|data|text|tool_use|assistant|encrypted_content|reasoning_content|content\[\]\.thinking|model)$/;

/**
 * The text with `¤` in place of every quoted part. A quote ends at the last closing mark of its kind, because what is quoted may hold such marks; a
 * short one without white space, such as a model's name, ends at the next.
 */
function withoutQuotes(text: string, keep: Keep, pairs = quotePairs): string {
  let out = "";
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const opener = text.charAt(at);
    const closer = pairs.get(opener);
    if (closer === undefined || isApostrophe(text, at)) continue;
    const end = endOfQuote(text, at, { opener, closer });
    const kept = keep(text.slice(at + 1, end));
    out += `${text.slice(from, at)}${kept ?? "¤"}`;
    at = end;
    from = end + 1;
  }
  return out + text.slice(from);
}

function endOfQuote(text: string, start: number, { opener, closer }: { opener: string; closer: string }): number {
  const next = text.indexOf(closer, start + 1);
  if (next < 0) return text.length;
  // A name: nothing in it could be a sentence, and what follows is not more of the same quote.
  const name = text.slice(start + 1, next);
  const isName = name.length <= 128 && /^[\w./:@<>[\]()+~*,-]{0,128}$/.test(name) && isBoundary(text.charAt(next + 1));
  const isSame = opener === closer;
  // Where the marks behind it do not pair up, one of them ends this quote: the name is a text that has marks of its own.
  if (isName && name !== "" && closer !== "}" && (!isSame || hasPairs(text, next + 1, closer))) return next;
  const last = lastMark(text, closer, isSame);
  // A mark within a text that is quoted by other marks: then that text goes on behind it.
  if (isName && isSame && last > next && /["'`”’»」]/.test(text.slice(last + 1))) return text.length;
  return last > start ? last : text.length;
}

/** Decides whether `mark` occurs an even number of times from there on. */
function hasPairs(text: string, from: number, mark: string): boolean {
  let isEven = true;
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + 1)) {
    if (!isApostrophe(text, at)) isEven = !isEven;
  }
  return isEven;
}

/** Finds the last `mark`. An apostrophe within a word does not count if it is the same character. */
function lastMark(text: string, mark: string, mayBeApostrophe: boolean): number {
  for (let at = text.lastIndexOf(mark); at > 0; at = text.lastIndexOf(mark, at - 1)) {
    if (!mayBeApostrophe || !isApostrophe(text, at)) return at;
  }
  return -1;
}

function isBoundary(character: string): boolean {
  return character === "" || !/[\p{L}\p{N}_]/u.test(character);
}

/** `'` between letters, or behind one: "don't", "users'". */
function isApostrophe(text: string, at: number): boolean {
  const character = text.charAt(at);
  if (character !== "'" && character !== "’") return false;
  return !isBoundary(text.charAt(at - 1)) && at > 0 && !isBoundary(text.charAt(at + 1));
}

// Words that, in front of a colon, only name the speaker.
const labelWords: ReadonlySet<string> = new Set(
  (
    "error err code http status api provider upstream returned responded response request req failed failure fail server bad message msg detail details " +
    "reason exception from the an a call model llm anthropic openai azure google vertex gemini bedrock deepseek openrouter litellm mistral groq xai " +
    "access denied forbidden payment required billing account rate limit exceeded quota unauthorized authentication permission your was rejected " +
    "cannot be processed unable to process complete completed sorry internal service gateway proxy relay chat completions completion channel by with " +
    "too many requests not client"
  ).split(" "),
);

/** Takes the labels off that relays put in front: "Error from provider (X): ", "litellm.RateLimitError: ", "HTTP 400: ", "请求失败：". */
export function withoutLabels(text: string): string {
  let rest = text;
  for (let count = 0; count < 6; count += 1) {
    rest = rest.replace(bracketsStart, "");
    const colon = rest.slice(0, 100).search(/[:：]|\s[-–]\s/);
    if (colon <= 0 || !isLabel(rest.slice(0, colon))) return rest;
    rest = rest.slice(colon).replace(/^(?:[:：]|\s[-–])\s{0,4}/, "");
  }
  return rest;
}

/**
 * Decides whether a text has only words with which relays introduce a quotation, or none: "Error code: 400 - ",
 * "上游返回：".
 */
export function isLabel(head: string): boolean {
  const words = head.split(/[\s¤()[\]<>（）:：,，–-]{1,40}/);
  return words.every((word) => word === "" || isLabelWord(word));
}

function isLabelWord(word: string): boolean {
  if (labelWords.has(word.toLowerCase()) || /^\d{1,6}$/.test(word)) return true;
  if (/^[\w.-]{1,80}$/.test(word) && /error|exception/i.test(word)) return true;
  return /^(?:错误|請求失敗|请求失败|调用失败|失败|异常|上游(?:返回|错误|响应)?|提示|服务商|渠道|接口)(?:错误|失败|信息|码)?$/.test(
    word,
  );
}

function oneLine(text: string): string {
  return text.slice(0, 2_000).replaceAll(/\s+/g, " ");
}
