import { isObject } from "../base/json.ts";
import type { RefusalRow, RefusedRequest } from "./refusal-types.ts";
import { holdsPart, partsOf, turnsOf } from "./sent-parts.ts";

const images = String.raw`(?:images?|image[_ ]urls?|input_images?|vision|multi-?modal\w{0,4}|visual|pictures?|图片|图像|图象|视觉|多模态)`;
const files = String.raw`(?:files?|input_files?|documents?|pdfs?|attachments?|文件|文档|附件)`;
const refuses = String.raw`(?:(?:does|do|did|is|are|was|can|could|may|has)(?: not|n['’]?t)|cannot|unable to|not able to|not capable of|no(?:t yet)? support for|lacks?|\bnot support(?:s|ing)?)`;
const isRefused = String.raw`(?:not? (?:currently |yet |longer )?(?:be )?(?:supported|allowed|enabled|available|permitted|accepted|a valid|valid)|unsupported|only (?:supported|allowed|available|accepted)|disabled|unavailable|forbidden|disallowed)`;
const isUnknown = String.raw`(?:unknown|unsupported|unexpected|unrecogni[sz]ed|invalid|illegal|not supported|disallowed)`;

// One picture or file that is too large, too many or in the wrong form says nothing of what the provider can do.
const aboutOne =
  /too (?:large|big|many|long|small)|exceed|dimension|pixels?\b|download|fetch|base64|media[ _]type|mime|corrupt|decod|resolution|at most [1-9]|\burls?\b|tiff|svg|heic|password|pages?\b|expired|not found|unreadable|\bbytes?\b|[km]i?b\b|could not (?:be )?(?:read|process|load|open)|(?:error|fail\w{0,4}|problem|trouble|while|when|during|in|for) (?:the )?processing/i;

/** Decides whether a refusal that reads like one of a kind of part is about one part alone, or about the format of the answer, which has types too. */
function isOther(text: string, types: RegExp): boolean {
  const tag = refusedTag.exec(text)?.[1];
  return aboutOne.test(text) || /response_?format|json_object/i.test(text) || (tag !== undefined && !types.test(tag));
}

// The type that a validator refuses stands in front of those that it knows, among which the others can be.
const refusedTag = /(?:input tag|unknown variant|invalid value:?|received) ['"`](\w{1,40})['"`]/i;
const imageTypes = /image/i;
const fileTypes = /file|document/i;

/** Builds the wordings of a refusal of parts of a kind. `names`: words for them; `types`: their types on the wire. */
function partWordings(names: string, types: string): readonly RegExp[] {
  return [
    new RegExp(`${refuses}.{0,60}?\\b${names}(?!\\w)`, "i"),
    new RegExp(`${refuses}.{0,60}?(?:图片|图像|视觉|文件)`, "i"),
    new RegExp(`\\b${names}(?!\\w).{0,60}?${isRefused}`, "i"),
    new RegExp(`no (?:endpoints?|providers?|models?|channels?)[^.]{0,60}\\b${names}\\b`, "i"),
    new RegExp(`${isUnknown}[^.,]{0,60}?['"\`]?\\b(?:${types})\\b`, "i"),
    new RegExp(`['"\`](?:${types})['"\`][^.]{0,80}?(?:does not match|not (?:one of|in|a valid)|${isRefused})`, "i"),
    new RegExp(
      `(?:不支持|暂不支持|无法处理|不能处理|未开通).{0,16}${names}|${names}.{0,20}(?:不支持|暂不支持|未开通|无法)`,
      "i",
    ),
  ];
}

const onlyText: readonly RegExp[] = [
  /(?:only (?:supports?|accepts?|takes?|allows?|handles?|process(?:es)?)|supports? only|accepts? only) (?:plain )?text/i,
  /text[- ]only|only text(?: |-)?(?:content|inputs?|messages?|parts?|modality)?(?: is| are)/i,
  /(?:content|message)\S{0,20}\.?type.{0,40}(?:取值范围|expected|must be|should be|supported|allowed).{0,24}\[?['"`]?text['"`]?\]?(?!['"`]?, ?['"`]?(?:image|file))/i,
  /expected (?:one of )?['"`]text['"`](?!,? ?(?:or )?['"`](?:image|file|input))/i,
  // Alibaba and Z.AI on the type of a part; Rust servers whose parts are an enumeration without names.
  /\btype is not text\b|content\S{0,20}\.?type ?类型错误|did not match any variant of untagged enum \w{0,40}(?:content|chunk|part)/i,
];

function turnsInside(request: RefusedRequest): boolean {
  const turns = turnsOf(request);
  const first = turns.findIndex(({ role }) => !isSystem(role));
  return first >= 0 && turns.slice(first).some(({ role }) => isSystem(role));
}

function isSystem(role: unknown): boolean {
  return role === "system" || role === "developer";
}

function hasNeighbours(request: RefusedRequest): boolean {
  const turns = turnsOf(request);
  return turns.some(
    ({ role }, index) => (role === "user" || role === "assistant") && turns[index - 1]?.["role"] === role,
  );
}

function lastIsAssistant(request: RefusedRequest): boolean {
  const last = turnsOf(request).at(-1);
  return last?.["role"] === "assistant" && last["tool_calls"] === undefined;
}

const rolesAlternate =
  /roles? (?:must|should|have to|need to) alternate|must alternate|messages?(?:\(s\))? (?:should|have to|need to) alternate|alternate between|user\/assistant\/user|consecutive (?:user|assistant|messages)|same role (?:twice|in a row|consecutively)|(?:角色|role|user|assistant).{0,16}交替|role of (?:the )?messages? (?:with|at) index \d{1,5} (?:must|should) be/i;

/** Rows about turns, their roles and what they hold. */
export const conversationRows: readonly RefusalRow[] = [
  {
    id: "developer-role",
    suitsPassed: true,
    wordings: [
      /developer(?!s?\.\w)['"`]?.{0,40}?(?:not (?:one of|supported|allowed|permitted|valid|accepted|a valid|recogni[sz]ed|in)|unsupported|invalid|unexpected|不支持)/i,
      /(?:unknown|unexpected|invalid|unsupported|unrecogni[sz]ed|illegal|received|not support(?:ed)?|不支持|got)\b[^.]{0,60}?['"`]?developer(?!s?\.\w)/i,
      /['"`]?role['"`]?\)?[^{}]{0,160}['"`]?input['"`]?: ?['"`]developer/i,
      /unexpected (?:message )?role|invalid (?:message )?role|role.{0,60}(?:must be|should be|expected) (?:one of )?.{0,12}system/i,
    ],
    applies: (request) => turnsOf(request).some(({ role }) => role === "developer"),
    change: ({ dialect }) => (dialect === "messages" ? undefined : { systemRole: "system" }),
  },
  {
    id: "alternate",
    wordings: [rolesAlternate],
    applies: (request) => request.dialect === "chat" && (hasNeighbours(request) || turnsInside(request)),
    change: ({ dialect, profile }) =>
      dialect === "messages" || profile.alternate ? undefined : { alternate: true, midSystem: "user" },
  },
  {
    id: "mid-system",
    wordings: [
      /system (?:role|message|prompt|turn)s?\b.{0,40}?(?:must|should|ha(?:s|ve) to|needs? to|can|may|is|are)\b.{0,24}?(?:at the (?:beginning|start|top|head)|first|beginning|start|leading|once|index 0|position 0)/i,
      /only (?:the )?first (?:message|role|turn)\b.{0,24}system|system (?:role|message|prompt|turn)s?\b.{0,24}?(?:only (?:allow(?:ed|s)?|accept(?:ed|s)?|permitted|valid|supported)? ?(?:as |in |at |for )?(?:the )?first|(?:before|precede) (?:all |any |the )?(?:other|user|non-system|conversation))|but got ['"`]?system/i,
      /(?:only|at most|exactly|more than) (?:one|a single|1) system|multiple system|system (?:role|message|prompt|turn)s? (?:is|are) (?:only|not)|(?:unexpected|misplaced|extra|second) system (?:role|message|turn)/i,
      /(?:unexpected|invalid|unsupported|unknown|illegal|bad|disallowed|incorrect)(?: message| value for)?(?: the)? roles?\b.{0,16}system/i,
      /roles?\b.{0,24}['"`]?system['"`]?.{0,60}?(?:not (?:supported|allowed|permitted|valid|accepted)|unsupported|invalid|unexpected)/i,
      /['"`]system['"`] (?:role )?(?:is )?(?:not (?:one of|supported|allowed|valid|accepted)|unsupported|invalid)|does not (?:support|accept|allow) ['"`]?system['"`]?|unknown variant ['"`]system|received ['"`]system/i,
      /(?:only|expected)\b[^.]{0,40}['"`]?user['"`]?(?:,| ?\||\/| and| or)+ ?['"`]?assistant['"`]?/i,
      /(?:should be|must be(?: one of)?|one of) ['"`]?user['"`]?(?:,| and| or)+ ['"`]?assistant['"`]?/i,
      /['"`]?role['"`]?\)?[^{}]{0,160}['"`]?input['"`]?: ?['"`]system/i,
      /(?:use a )?valid role:? ['"`]?user['"`]?(?:,| or) ['"`]?(?:model|assistant)/i,
      /invalid chat setting|messages? (?:parameter is illegal|参数非法)/i,
      /system.{0,16}(?:只能|必须|需要|应).{0,12}(?:第一|首|开头|最前|开始|起始|前面)|不支持.{0,10}system|system.{0,10}(?:角色)?不支持|角色信息(?:不正确|错误|有误)/i,
    ],
    applies: turnsInside,
    change: ({ profile }) => (profile.midSystem === "user" ? undefined : { midSystem: "user" }),
  },
  {
    id: "system-role",
    wordings: [
      /system (?:role|message|prompt|instruction)s? (?:is |are )?(?:not|un)(?: ?currently)? ?(?:supported|allowed|enabled)|developer instruction is not enabled|does not support (?:the )?['"`]?system['"`]?|no system (?:role|message|prompt)/i,
      /roles?\b.{0,24}['"`]system['"`].{0,60}?(?:not (?:supported|allowed|permitted|valid|accepted)|unsupported|invalid|unexpected)/i,
      /(?:unexpected|invalid|unsupported|unknown)(?: message)? role.{0,12}['"`]?system|unknown variant ['"`]system/i,
      /['"`]?role['"`]?\)?[^{}]{0,160}['"`]?input['"`]?: ?['"`]system/i,
      /(?:use a )?valid role:? ['"`]?user['"`]?(?:,| or) ['"`]?(?:model|assistant)/i,
    ],
    applies: (request) => request.dialect === "chat" && isSystem(turnsOf(request)[0]?.["role"]),
    change: ({ dialect, profile }) =>
      dialect === "messages" || profile.systemRole === "user" ? undefined : { systemRole: "user", alternate: true },
  },
  {
    id: "prefill",
    wordings: [
      /(?:last|final) (?:message|role|turn).{0,60}(?:must|should|cannot|can not|may not|has to|user|assistant)|expected last role|end with (?:a |an )?['"`]?(?:user|tool)|\bprefill|assistant messages? at the end|must not end with/i,
    ],
    applies: lastIsAssistant,
    change: ({ dialect, profile }, text) => {
      if (dialect === "messages" || profile.prefill === "drop") return undefined;
      return /\bprefix\b/i.test(text) && profile.prefill === "pass" ? { prefill: "prefix" } : { prefill: "drop" };
    },
  },
  {
    id: "after-tools",
    wordings: [
      /(?:unexpected )?role ['"`]?(?:user|system)['"`]? (?:after|following|cannot follow) (?:role )?['"`]?tool/i,
    ],
    applies: (request) =>
      turnsOf(request).some(({ role }, index, turns) => role !== "tool" && turns[index - 1]?.["role"] === "tool"),
    change: ({ dialect, profile }) =>
      dialect === "messages" || profile.bridgeAfterTools ? undefined : { bridgeAfterTools: true },
  },
  {
    id: "image-urls",
    wordings: [
      /(?:image|picture)[^.]{0,60}\burls?\b[^.]{0,60}(?:not (?:supported|allowed|accepted)|unsupported|must be|should be|only)|unsupported image url|(?:only|must be|should be)[^.]{0,40}base64|(?:fetch|download)\w*[^.]{0,40}(?:image|url)[^.]{0,30}(?:not|unsupported|disabled)/i,
    ],
    applies: (request) =>
      partsOf(request).some(({ image_url: image, source }) =>
        isLink(isObject(image) ? image["url"] : (image ?? (isObject(source) ? source["url"] : undefined))),
      ),
    change: ({ dialect, profile }) => (dialect === "messages" || !profile.imageUrls ? undefined : { imageUrls: false }),
  },
  {
    id: "doubled-tool-ids",
    // "messages.3.content.1: `tool_use` ids must be unique"
    wordings: [
      /tool_(?:use|call)['`"]? ids? must be unique|duplicate (?:tool_use|tool_call|tool call|tool use)(?:_| )ids?/i,
    ],
    applies: (request) => request.dialect === "messages" && holdsPart(request, ["tool_use"]),
    change: ({ dialect, profile }) =>
      dialect !== "messages" || profile.toolIds === "unique" ? undefined : { toolIds: "unique" },
  },
  {
    id: "tool-references",
    // "unsupported content type in ContentBlockParamUnion: tool_reference" (MoonshotAI/Kimi-K2#118), `type "tool_reference" is not supported` (caigee-cmd/cli2api#152),
    // "Input tag 'tool_reference' found using 'type' does not match any of the expected tags", "Tool reference 'x' not found in available tools" (edgee-ai/edgee#128).
    wordings: [
      /(?:unsupported|unknown|unexpected|unrecogni[sz]ed|invalid|input tag|not support\w{0,3})\b[^.]{0,80}?\btool_reference\b/i,
      /\btool_reference\b['"`]?.{0,60}?(?:not (?:supported|allowed|permitted|accepted|recogni[sz]ed|valid|a valid|one of)|unsupported|does not match|不支持)/i,
      /tool reference ['"`][^'"`]{1,200}['"`] (?:is |was )?not found/i,
    ],
    applies: (request) => request.dialect === "messages" && holdsPart(request, ["tool_reference"]),
    change: ({ dialect, profile }) =>
      dialect !== "messages" || !profile.toolReferences ? undefined : { toolReferences: false },
  },
  {
    id: "images",
    wordings: [
      ...partWordings(images, "image_url|input_image|image"),
      ...onlyText,
      /at most 0 image|missing data required for image|\bmmproj\b|without (?:a )?(?:vision|image|multimodal)/i,
    ],
    applies: (request) => holdsPart(request, ["image_url", "input_image", "image"]),
    change: ({ profile }, text) => (isOther(text, imageTypes) || !profile.images ? undefined : { images: false }),
  },
  {
    id: "files",
    wordings: [...partWordings(files, "file|input_file|document|file_data"), ...onlyText],
    applies: (request) => holdsPart(request, ["file", "input_file", "document"]),
    change: ({ profile }, text) => (isOther(text, fileTypes) || !profile.files ? undefined : { files: false }),
  },
  {
    id: "tool-result-parts",
    wordings: [
      /tool (?:message|result|output|role)s?[^.]{0,80}(?:string|text|not support|unsupported|only|must|image)|role.{0,4}tool.{0,60}(?:string|text)/i,
    ],
    applies: (request) =>
      request.dialect === "chat" &&
      turnsOf(request).some(({ role, content }) => role === "tool" && Array.isArray(content)),
    change: ({ dialect, profile }) =>
      dialect === "messages" || profile.toolResultImages === "user-message"
        ? undefined
        : { toolResultImages: "user-message" },
  },
  {
    id: "empty-tool-result",
    wordings: [
      /(?:content|message|text|tool|output)\b.{0,60}?(?:(?:must|can|may|should)(?: ?not|n['’]t) be (?:empty|blank)|(?:is|was) (?:empty|blank)|non-?empty|不能为空)/i,
      /(?:empty|blank) (?:content|text|message|tool|output|string)|at least 1 character/i,
    ],
    applies: (request) =>
      request.dialect !== "messages" && turnsOf(request).some((turn) => isEmptyResult(turn, request.dialect)),
    change: ({ dialect, profile }) =>
      dialect === "messages" || profile.emptyToolResult !== "" ? undefined : { emptyToolResult: "(no output)" },
  },
  {
    id: "content-parts",
    wordings: [
      /content\b.{0,60}?(?:must be|should be|expected|to be|has to be|is not|of type|需要|必须).{0,16}(?:string|text|字符串)/i,
      /invalid type: (?:sequence|array|map|seq).{0,40}expected (?:a |an )?(?:borrowed )?str/i,
      /cannot unmarshal array into Go .{0,100}content.{0,40}string/i,
      /invalid message content type: ?\[\]|type mismatch of .{0,60}content['"`]?, ['"`]?array['"`]? not in ['"`]?string/i,
      /expected (?:a )?str(?:ing)?\b.{0,60}(?:content.{0,40})?(?:array|list|sequence)/i,
      /did not match any variant of untagged enum \w{0,40}(?:content|message)/i,
      /content.{0,40}(?:array|list|parts).{0,30}(?:not (?:supported|allowed)|unsupported)|unsupported types string and sequence|can only concatenate str/i,
    ],
    applies: (request) =>
      request.dialect === "chat" &&
      turnsOf(request).some(({ role, content }) => role === "user" && Array.isArray(content)),
    change: ({ dialect, profile }) =>
      dialect === "messages" || !profile.contentParts ? undefined : { contentParts: false },
  },
];

function isEmptyResult({ role, type, content, output }: Readonly<Record<string, unknown>>, dialect: string): boolean {
  return dialect === "chat" ? role === "tool" && content === "" : type === "function_call_output" && output === "";
}

function isLink(url: unknown): boolean {
  return typeof url === "string" && /^https?:/i.test(url);
}
