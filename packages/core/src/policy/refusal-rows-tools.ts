import { isObject } from "../base/json.ts";
import { leastNumber, thinkingOnWordings } from "./refusal-rows-values.ts";
import type { RefusalRow, RefusedRequest } from "./refusal-types.ts";
import { formatOf, namesWord, objectsIn, schemasOf, toolsOf, turnsOf } from "./sent-parts.ts";

type JsonObject = Readonly<Record<string, unknown>>;

// Keywords of JSON Schema that only narrow or describe: without one the schema still says what to send.
const removable: readonly string[] = (
  "pattern format minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems minProperties " +
  "maxProperties patternProperties propertyNames additionalProperties unevaluatedProperties unevaluatedItems additionalItems contains minContains " +
  "maxContains dependentSchemas dependentRequired dependencies default examples example deprecated readOnly writeOnly title $comment $anchor " +
  "contentEncoding contentMediaType contentSchema nullable discriminator xml externalDocs"
).split(" ");

// Words of English too: they count where they are quoted, or stand as a step of a path.
const ambiguous: ReadonlySet<string> = new Set(
  "pattern format minimum maximum contains default examples example deprecated title dependencies nullable discriminator".split(
    " ",
  ),
);

const schemaWordings: readonly RegExp[] = [
  /(?:invalid|illegal|unsupported|bad|malformed|incompatible|not a valid|unable to|failed to|could not|cannot|can['’]?t|error)\b[^.]{0,80}?(?:schema|grammar|function[_ ]declaration)/i,
  /(?:schema|grammar)\b.{0,100}?(?:not (?:supported|valid|allowed)|invalid|unsupported|failed|error|could not|cannot|must|missing|does not|not a valid|unimplemented|contains features)/i,
  /(?:tools?|functions?|function_declarations|response_format|text|input_schema|parameters)\b[\w.[\]"'*()-]{0,80}(?:parameters|input_schema|schema)\b[\w.[\]"'*()-]{0,200}/i,
  /invalid (?:function|tool)(?: call)? (?:parameters?|definitions?|declarations?)|reject(?:ed|s)?[^.]{0,40}\bschemas?\b/i,
  /unimplemented keys?|unknown (?:schema )?keyword|unsupported (?:schema )?keyword|pattern must start with|only ['"`]?enum['"`]? and ['"`]?date-time|(?:array|object) schema missing|schema (?:did(?:n['’]t| not)|does(?:n['’]t| not)) (?:specify|have)|schema.{0,20}(?:无效|不合法|不支持)|(?:无效|不合法|不支持).{0,20}schema/i,
  /unknown name ['"`][$\w]{1,40}['"`] at [^:]{0,120}(?:parameters|schema)|keywords? ['"`][$\w]{1,40}['"`] (?:is |are )?(?:not (?:supported|permitted|allowed)|unsupported)/i,
];

/** A demanded format beside tools is refused: Groq, Cerebras. */
const withTools =
  /(?:json mode|json_object|json_schema|response_?format|structured outputs?)['"`]?[^.]{0,40}(?:combined|together|incompatible|conflict\w*|simultaneous\w*|same time)[^.]{0,30}(?:tools?|functions?)\b|\b(?:tools?|functions?)\b['"`]?[^.]{0,40}(?:combined|together|incompatible|conflict\w*|simultaneous\w*|same time)[^.]{0,30}(?:json mode|json_object|json_schema|response_?format|structured outputs?)/i;

const forcedWordings: readonly RegExp[] = [
  /tool[_ ]?choice\b.{0,120}?(?:not (?:be )?(?:supported|allowed|valid|permitted|accepted|compatible)|n['’]t support|not support|unsupported|incompatible|invalid|only|must be|should be|expected|supported (?:string )?values|unrecogni|conflict|cannot|可选|只|仅|不支持)/i,
  /(?:not support|n['’]t support|supported|unsupported|invalid|incompatible|cannot|can['’]?t|unexpected|unknown|不支持|非法)(?:[^.]|\.(?=\w)){0,60}?tool[_ ]?choice/i,
  /cannot unmarshal object into Go .{0,100}tool_?choice/i,
  // Claude behind a gateway.
  /thinking may not be enabled when tool_?choice forces/i,
  /(?:forced?|forcing|required|mandatory|specific|named)[^.]{0,20} (?:tool|function)s?[- _]?(?:calls?|calling|use|choice)?[^.]{0,40}(?:not (?:supported|allowed)|unsupported|incompatible|cannot)/i,
];

/** Rows about tools, their schemas, and what demands a form of the answer. */
export const toolRows: readonly RefusalRow[] = [
  {
    id: "tool-choice",
    wordings: forcedWordings,
    applies: ({ body, dialect }) => dialect !== "messages" && isForced(body["tool_choice"]),
    change: ({ body, dialect, profile }, text) => {
      if (dialect === "messages") return undefined;
      const isNamed = isObject(body["tool_choice"]);
      const refusesRequired =
        /['"`]?(?:required|any)['"`]?[^.,]{0,40}(?:not |incompatible|unsupported)|required (?:or|and|\/) ?(?:['"`]?(?:object|named|specific|function))|(?:only|只|仅)[^.]{0,24}['"`]?auto|forces tool|none['"`]? or ['"`]?auto|auto['"`]? or ['"`]?none/i.test(
          text,
        ) && !/auto['"`]?,? ?(?:and|or|,)? ?['"`]?(?:none['"`]?,? ?(?:and|or|,)? ?['"`]?)?required/i.test(text);
      const next = isNamed && !refusesRequired && profile.toolChoice === "named" ? "required" : "auto";
      return next === profile.toolChoice ? undefined : { toolChoice: next };
    },
  },
  {
    id: "forced-calls",
    // DeepSeek's "Thinking mode does not support this tool_choice" and Moonshot's "tool_choice 'specified' is incompatible with thinking enabled" hold while the
    // model thinks (deepseek-ai/DeepSeek-V3#1376); Claude's "tool_choice forces tool use is not compatible with this model" always (Yeachan-Heo/gajae-code#480).
    wordings: [...forcedWordings, ...thinkingOnWordings],
    applies: ({ body, dialect }) => dialect === "messages" && isChoiceForced(body["tool_choice"]),
    change: ({ body, dialect, profile }, text) => {
      if (dialect !== "messages" || profile.forcedCalls === "never") return undefined;
      const isAboutCall = forcedWordings.some((wording) => wording.test(text));
      // Thinking was turned off for the call, and the model always thinks.
      if (!isAboutCall) return profile.forcedCalls === "without-thinking" ? { forcedCalls: "never" } : undefined;
      const isOff = isObject(body["thinking"]) && body["thinking"]["type"] === "disabled";
      return { forcedCalls: /thinking|reasoning mode/i.test(text) && !isOff ? "without-thinking" : "never" };
    },
  },
  {
    id: "strict",
    wordings: [
      /mixed values for ['"`]?strict/i,
      /['"`]?\bstrict\b['"`]?(?! json)[^.]{0,60}?(?:not (?:supported|allowed|permitted|available)|unsupported|unknown|unrecogni|extra|mixed|must be|同一|不支持)/i,
      /(?:unsupported|unknown|not support|mixed|unrecogni[sz]ed|unexpected|extra|不支持)[^.]{0,60}?\bstrict\b/i,
      /is required to be supplied and to be an array including every key|['"`]?additionalProperties['"`]? is required to be supplied/i,
    ],
    applies: (request) => request.dialect !== "messages" && toolsOf(request).some(({ strict }) => strict === true),
    change: ({ dialect, profile }) =>
      dialect === "messages" || !profile.strictTools ? undefined : { strictTools: false },
  },
  {
    id: "tool-count",
    wordings: [
      /\btools?\b.{0,100}?(?:maximum length|at most|no more than|max(?:imum)?(?: number)?(?: of)?|up to|exceeds?|too many|最多)|too many (?:tools|functions)/i,
    ],
    applies: (request) => request.dialect !== "messages" && toolsOf(request).length > 1,
    change: (request, text) => {
      const maxTools = leastNumber(text);
      return maxTools !== undefined && maxTools > 0 && maxTools < toolsOf(request).length ? { maxTools } : undefined;
    },
  },
  {
    id: "tool-ids",
    wordings: [
      /(?:call[_ ]?id|tool[_ ](?:call|use)[\w.[\]]{0,20}[_ .]id|\bids?\b).{0,160}?(?:maximum length|at most|too long|length of \d|a-z|match pattern|must match|should match)/i,
    ],
    applies: (request) =>
      request.dialect !== "messages" &&
      turnsOf(request).some(({ role, type }) => role === "tool" || type === "function_call"),
    change: ({ dialect, profile }, text) => {
      if (dialect === "messages") return undefined;
      if (/length of 9|\{9\}|9 characters/i.test(text)) return { toolIdFormat: "mistral" };
      if (/a-z/i.test(text)) return profile.toolIdFormat === "openai" ? { toolIdFormat: "plain" } : undefined;
      const limit = leastNumber(text.slice(Math.max(0, text.search(/maximum length|at most|max/i))));
      return limit !== undefined && limit >= 9 && limit < profile.toolIdLimit ? { toolIdLimit: limit } : undefined;
    },
  },
  {
    id: "json-schema",
    wordings: [
      /(?:response_?format|text\.format|json_schema|structured outputs?)\b(?!['"`]?[^.]{0,12}schema).{0,100}?(?:not (?:be )?(?:supported|available|allowed|permitted)|n['’]t support|unsupported|unavailable|invalid|must be|should be|only|expected|unknown variant|incompatible|不支持)/i,
      /(?:not support|unsupported|unavailable|unknown variant|invalid|incompatible|不支持)[^.]{0,60}?(?:response_?format|json_schema|structured outputs?)/i,
      withTools,
      // Gemini, of a request with tools as well.
      /response mime type: ?['"`]?application\/json['"`]? is (?:unsupported|not supported)/i,
    ],
    applies: (request) => request.dialect !== "messages" && formatOf(request) !== undefined,
    change: (request, text) => {
      if (request.dialect === "messages" || /invalid (?:json )?schema/i.test(text)) return undefined;
      const { jsonSchema } = request.profile;
      const member = request.dialect === "chat" ? "response_format" : "text";
      // The schema stands in the system prompt then.
      if (withTools.test(text) && toolsOf(request).length > 0) return { jsonSchema: false, omit: [member] };
      if (formatOf(request)?.["type"] === "json_schema") return jsonSchema ? { jsonSchema: false } : undefined;
      if (!jsonSchema && /json_schema/.test(text) && !request.tried.has("json-schema:jsonSchema=false")) {
        return { jsonSchema: true };
      }
      return { omit: [member] };
    },
  },
  {
    id: "schema",
    wordings: schemaWordings,
    applies: (request) => schemasOf(request).length > 0,
    change: (request, text) => schemaChange(request, text),
  },
  {
    id: "web-search",
    wordings: [
      /web_search.{0,80}?(?:not (?:supported|allowed|available)|unsupported|unknown|invalid|disabled)/i,
      /(?:not support|unsupported|unknown|invalid|unexpected|only)[^.]{0,80}?(?:web_search|tool type|hosted tool|built-?in tool|type ['"`]?function)/i,
    ],
    applies: ({ body, dialect }) =>
      dialect === "responses" && objectsIn(body["tools"]).some(({ type }) => isSearch(type)),
    change: ({ dialect, profile }) => (dialect === "messages" || !profile.webSearch ? undefined : { webSearch: false }),
  },
];

function isChoiceForced(choice: unknown): boolean {
  return isObject(choice) && (choice["type"] === "any" || choice["type"] === "tool");
}

function isForced(choice: unknown): boolean {
  return isObject(choice) || choice === "required";
}

function isSearch(type: unknown): boolean {
  return typeof type === "string" && type.startsWith("web_search");
}

/** Without the keyword that the error names, then the subset that every vendor takes, then without choices. */
function schemaChange(request: RefusedRequest, text: string): Readonly<Record<string, unknown>> | undefined {
  const { omitSchema, toolSchema } = request.profile;
  const sent = keywordsIn(schemasOf(request));
  const named = removable.find(
    (keyword) => sent.has(keyword) && !omitSchema.includes(keyword) && isNamed(text, keyword),
  );
  if (named !== undefined) return { omitSchema: [named] };
  if (toolSchema === "json-schema") return { toolSchema: "common" };
  // Keywords that the strict subset of an output format still contains.
  const next = ["additionalProperties", "anyOf"].find((keyword) => sent.has(keyword) && !omitSchema.includes(keyword));
  return next === undefined ? undefined : { omitSchema: [next] };
}

function isNamed(text: string, keyword: string): boolean {
  if (!namesWord(text, keyword)) return false;
  if (!ambiguous.has(keyword)) return true;
  const at = text.indexOf(keyword);
  const before = text.charAt(at - 1);
  const after = text.charAt(at + keyword.length);
  return /['"`.[/({<]/.test(before) || /['"`:\]})>]/.test(after) || new RegExp(`keyword:? ${keyword}`, "i").test(text);
}

const maxNodes = 20_000;

/** Every member name that stands where a schema has keywords. */
function keywordsIn(schemas: readonly JsonObject[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open: unknown[] = [...schemas];
  for (let count = 0; open.length > 0 && count < maxNodes; count += 1) {
    const node = open.pop();
    if (Array.isArray(node)) for (const one of node) open.push(one);
    if (!isObject(node)) continue;
    for (const [name, value] of Object.entries(node)) {
      found.add(name);
      const isMap = name === "properties" || name === "$defs" || name === "definitions" || name === "patternProperties";
      if (isMap && isObject(value)) for (const one of Object.values(value)) open.push(one);
      else if (name !== "enum" && name !== "const" && name !== "default" && name !== "examples") open.push(value);
    }
  }
  return found;
}
