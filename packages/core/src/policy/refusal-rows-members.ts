import { findMember } from "./refused-member.ts";
import type { RefusalRow, RefusedRequest } from "./refusal-types.ts";
import { toolsOf } from "./sent-parts.ts";

type Change = Readonly<Record<string, unknown>>;

// A name, or a path, as errors write it: quoted or bare.
const name = String.raw`[[({]{0,2}['"\`]?(?<name>[A-Za-z_$][\w$.[\]*>-]{0,120})['"\`]?`;
const kinds = String.raw`(?:(?:request|body|top-level|keyword|json|query|input|extra|additional|model) )?(?:parameters?|arguments?|args?|fields?|keys?|propert(?:y|ies)|members?|names?|attributes?|params?|options?|inputs?|settings?)`;
const isRefused = String.raw`(?:is|are|was|were|has been)?(?: currently| also)? ?(?:not (?:currently |yet |longer )?(?:be )?(?:supported|permitted|allowed|recogni[sz]ed|implemented|accepted|available|known|expected|valid|enabled)|not an? (?:valid|known|supported|recogni[sz]ed|allowed|accepted|permitted)|no longer (?:supported|accepted)|unsupported|unexpected|unknown|unrecogni[sz]ed|disallowed|forbidden|deprecated|invalid|prohibited)`;

/** Wordings of an error that refuses a member; the group `name` holds its name. */
const memberWordings: readonly RegExp[] = [
  // "Unknown parameter: 'x'.", "Unrecognized request argument supplied: x", "unknown field `x`", "Unrecognized key(s) in object: 'x'", "Unknown name \"x\": Cannot find field."
  new RegExp(
    `(?:unknown|unrecogni[sz]ed|unsupported|unexpected|invalid|illegal|extra|additional|disallowed|not allowed|unpermitted|bad)(?: or \\w{1,14})? ${kinds}(?:\\(s\\))?(?: supplied| provided| found| passed| used| given| specified)?(?: in (?:the )?(?:object|request|body|payload|input))?(?: body)?(?: name)?[ :=]{1,3}(?:the )?${name}`,
    "i",
  ),
  // "Invalid 'user': string too long. Expected a string with maximum length 64", "Invalid 'temperature': decimal above maximum value."
  /invalid ['"`](?<name>[A-Za-z_$][\w$.[\]*>-]{0,120})['"`]: (?:string|integer|decimal|number|value|array|object|bool)/i,
  // "got an unexpected keyword argument 'x'", "Additional properties are not allowed ('x' was unexpected)"
  new RegExp(`(?:unexpected keyword argument|properties are not allowed|not allowed:|unexpected:) ?${name}`, "i"),
  // "x: Extra inputs are not permitted", "loc": ["body","x"], "msg": "Extra inputs are not permitted"
  new RegExp(
    `${name} ?: ?(?:extra (?:inputs?|fields?|keys?)|field not|unknown |unexpected |unrecogni[sz]ed |unsupported |cannot find field|property ['"\`\\w. ]{0,80}is |is not |not (?:supported|allowed|permitted))`,
    "i",
  ),
  /loc['"]? ?: ?[([](?<name>[^)\]]{1,120})[)\]].{0,80}?extra (?:inputs?|fields?)/i,
  // "'x' is not supported with this model", "property 'x' is unsupported", "`x` is deprecated for this model"
  new RegExp(`${name}(?: ${kinds})?(?: value)?(?: of type \\S{1,40})? ${isRefused}`, "i"),
  // "does not support x", "doesn't accept the 'x' parameter", "does not support parameters: ['x']", "do not specify x"
  new RegExp(
    `(?:(?:does|do|did)(?: not|n['’]?t)|cannot|can['’]?t|not) (?:currently |yet )?(?:support|accept|allow|recogni[sz]e|take|handle|permit|specify|set|use|include|send|provide|pass)(?:ed|ing)?(?: the| setting| using| specifying| any| a| request)?(?: ${kinds}:?)? ${name}`,
    "i",
  ),
  // "Argument not supported on this model: x"
  new RegExp(
    `${kinds} (?:is |are )?(?:not (?:supported|allowed|permitted|accepted)|unsupported|unknown)[^:.]{0,40}: ?${name}`,
    "i",
  ),
  // "x must be unset", "please remove x", "unsupported: x", "x cannot be set"
  new RegExp(
    `${name} (?:must|should|may|can|has to)(?:not| not)? (?:be )?(?:exist|set|unset|null|omitted|absent|removed|empty|provided|present|specified|used)`,
    "i",
  ),
  new RegExp(
    `(?:remove|omit|drop|unset|without|unsupported|unknown|unrecogni[sz]ed|unexpected):? (?:the )?(?:${kinds} )?${name}`,
    "i",
  ),
  new RegExp(`(?:不支持|未知|无法识别|非法|无效|不允许)的?(?:请求)?(?:参数|字段|属性)? ?[:：]? ?${name}`, "i"),
  new RegExp(`(?:参数|字段|属性) ?[:：]? ?${name} ?(?:不支持|不被支持|无效|非法|不合法|未知|不允许|不存在)`, "i"),
];

/** Rows that go by the name of a member alone; the last of the table. */
export const memberRows: readonly RefusalRow[] = [
  {
    id: "beta",
    wordings: [
      /anthropic-beta|\bbetas?\b.{0,60}(?:not supported|unsupported|invalid|unknown|unexpected)|(?:invalid|unknown|unsupported|unexpected)[^.]{0,40}\bbetas?\b/i,
    ],
    applies: ({ dialect, betas }) => dialect === "messages" && betas.length > 0,
    change: ({ dialect, betas, profile }, text) => {
      if (dialect !== "messages") return undefined;
      const named = betas.filter((beta) => text.includes(beta));
      if (named.length > 0) return { omitBetas: named };
      return profile.betas?.length === 0 ? undefined : { betas: [] };
    },
  },
  {
    id: "member",
    wordings: memberWordings,
    applies: ({ body }) => Object.keys(body).length > 0,
    change: (request, text) => memberChange(request, text),
  },
];

/** The change for the first member named that was sent and that a request can do without, and for those that are listed with it. */
function memberChange(request: RefusedRequest, text: string): Change | undefined {
  for (const candidate of namesIn(text)) {
    const change = changeFor(request, candidate);
    if (change === undefined) continue;
    const others = listedWith(text, candidate).map((name) => changeFor(request, name));
    return others.reduce<Change>((all, other) => (other === undefined ? all : joinChanges(all, other)), change);
  }
  return undefined;
}

function changeFor(request: RefusedRequest, candidate: string): Change | undefined {
  const path = findMember(request.body, candidate);
  return path === undefined ? undefined : changeOf(request, path);
}

/** Joins two changes of the profile: `omit` holds the paths of both. */
function joinChanges(one: Change, other: Change): Change {
  const paths = [one["omit"], other["omit"]].flatMap((omit): readonly unknown[] => (Array.isArray(omit) ? omit : []));
  return { ...one, ...other, ...(paths.length > 0 && { omit: [...new Set(paths)] }) };
}

const listed = /['"`]? ?(?:,|,? and|,? or|&) ?['"`]?([A-Za-z_][\w.]{1,60})(?=['"`]|,| and | or |[\])]|\.?$|\. )/y;

/** The names behind `first` in a list of nothing but names, as in "does not support parameters: ['user', 'top_p']". */
function listedWith(text: string, first: string): readonly string[] {
  const names: string[] = [];
  listed.lastIndex = text.indexOf(first) + first.length;
  for (let match = listed.exec(text); match !== null && names.length < maxNames; match = listed.exec(text)) {
    names.push(match[1] ?? "");
  }
  return names;
}

const maxNames = 24;

/** The names that stand where the wordings have one, and those listed behind it. */
function namesIn(text: string): readonly string[] {
  const found = new Set<string>();
  for (const wording of memberWordings) {
    for (const match of text.matchAll(new RegExp(wording.source, "gi"))) {
      const first = match.groups?.["name"];
      if (first === undefined) continue;
      found.add(trimmed(first));
      const rest = text.slice(match.index + match[0].length, match.index + match[0].length + 200);
      const list = /^['"`]?(?:,| and| or|&)['"`\w$.,& ]{1,180}/.exec(rest)?.[0] ?? "";
      for (const [word] of list.matchAll(/[A-Za-z_$][\w$.]{1,60}/g)) found.add(trimmed(word));
      if (found.size > maxNames) return [...found];
    }
  }
  return [...found];
}

function trimmed(word: string): string {
  let end = word.length;
  while (end > 0 && ".>-".includes(word.charAt(end - 1))) end -= 1;
  return word.slice(0, end);
}

/** Finds the change that leaves a member out: the member of the profile that is about it, else its path. */
function changeOf(request: RefusedRequest, path: string): Change | undefined {
  const { profile } = request;
  const known = request.dialect === "messages" ? undefined : profileChange(request, path);
  if (known !== undefined) return known;
  return profile.omit.includes(path) ? undefined : { omit: [path] };
}

type Translated = Extract<RefusedRequest, { readonly dialect: "chat" | "responses" }>;

/** The members of a request that a switch of the profile is about, and the switch turned off. */
const switches: readonly (readonly [path: RegExp, change: Change])[] = [
  [/^stream_options(?:\.|$)/, { streamUsage: false }],
  [/^parallel_tool_calls$/, { parallelToolCalls: false }],
  [/^top_k$/, { topK: false }],
  [/^stop$/, { stopLimit: 0 }],
  [/^prompt_cache_key$/, { promptCacheKey: false }],
  [/^(?:user|safety_identifier)$/, { user: "drop" }],
  [/^service_tier$/, { serviceTier: false }],
  [/^tool_stream$/, { toolStream: false }],
  [/(?:^|\.)(?:cache_control|prompt_cache_breakpoint)(?:\.|$)/, { cacheControl: "strip" }],
  [/^messages\.\*\.(?:reasoning_content|reasoning|reasoning_details)(?:\.|$)/, { reasoningHistory: "drop" }],
  [/(?:^|\.)extra_content(?:\.|$)/, { thoughtSignatures: "drop" }],
  [/^messages\.\*\.prefix$/, { prefill: "pass" }],
  [/^reasoning\.summary$/, { reasoningSummary: false }],
  [/^(?:reasoning|thinking|enable_thinking|thinking_budget)(?:\.type)?$/, { reasoning: "none" }],
];

function profileChange(request: Translated, path: string): Change | undefined {
  const { profile } = request;
  if (path.endsWith(".strict") && toolsOf(request).some(({ strict }) => strict === true) && profile.strictTools) {
    return { strictTools: false };
  }
  if (path === "reasoning_effort" && profile.reasoning === "openai") return { reasoning: "none" };
  if (/^(?:response_format|text\.format)(?:\.|$)/.test(path) && profile.jsonSchema) return { jsonSchema: false };
  const change = switches.find(([form]) => form.test(path))?.[1];
  if (change === undefined) return undefined;
  const current: Readonly<Record<string, unknown>> = { ...profile };
  return Object.entries(change).every(([member, value]) => current[member] === value) ? undefined : change;
}
