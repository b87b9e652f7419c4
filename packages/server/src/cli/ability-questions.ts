import { crc32, deflateSync } from "node:zlib";
import type { MessagesRequest } from "@ccpb/core";
import type { Profile, ProfileOverride } from "@ccpb/core/translate";

type JsonObject = Readonly<Record<string, unknown>>;

/** Answer to a question. */
export interface Answer {
  /** The body: JSON, or the events of a stream. */
  readonly text: string;
  /** The blocks of an answer that is no stream. */
  readonly content: readonly JsonObject[];
  /** The provider has counted its tokens. */
  readonly hasUsage: boolean;
}

/** One thing that a model may be able to do, and the request that finds it out. */
export interface Question {
  readonly id: string;
  /** For people, in a table. */
  readonly title: string;
  /** Returns the members of the profile with which an openai provider is asked, the best that may work. Members that it refuses are learned. */
  readonly hopes?: (profile: Profile) => ProfileOverride;
  readonly request: MessagesRequest;
  /** Describes what the answer lacks; undefined if it lacks nothing. */
  readonly lacks: (answer: Answer) => string | undefined;
  /** The members of the profile where the answer lacks that: it was taken, and not heeded. */
  readonly unheeded?: ProfileOverride;
}

// Thinking counts as output: a model that always thinks needs room for it.
const usualTokens = 512;
const thinkingTokens = 2_048;

function requestOf(content: unknown, more: JsonObject = {}): MessagesRequest {
  const messages = [{ role: "user", content }];
  return { model: "claude-opus-5", max_tokens: usualTokens, messages, ...more } as MessagesRequest; // a request of the Messages API
}

const textOf = ({ content }: Answer): string =>
  content.map(({ text }) => (typeof text === "string" ? text : "")).join("");
const holds = ({ content }: Answer, type: string): boolean => content.some((block) => block["type"] === type);
const says = (word: string, otherwise: string) => (answer: Answer) =>
  textOf(answer).toLowerCase().includes(word) ? undefined : otherwise;
const calls = (answer: Answer): string | undefined =>
  holds(answer, "tool_use") ? undefined : "it was taken, but no call came";

const city = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const weather = { name: "get_weather", description: "Returns the weather of a city.", input_schema: city };
const askWeather = "What is the weather in Paris? Use the tool.";

/** A schema with keywords that many vendors refuse: Claude Code's tools and MCP servers have them. */
const richSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  properties: {
    city: { type: "string", minLength: 1, pattern: "^[^0-9]+$" },
    day: { type: "string", format: "date", default: "2026-01-01" },
    unit: { anyOf: [{ type: "string", enum: ["c", "f"] }, { type: "null" }], default: null },
  },
  required: ["city"],
  additionalProperties: false,
};

/** Lists the questions of `ccpb check --live --abilities`. Each is asked alone, so that one refusal says nothing about another. */
export const questions: readonly Question[] = [
  {
    id: "stream",
    title: "stream with usage",
    hopes: () => ({ streamUsage: true }),
    request: requestOf("Say hello.", { stream: true }),
    lacks: ({ text, hasUsage }) => {
      if (!text.includes("message_stop")) return "the stream broke off";
      return hasUsage ? undefined : "it streams without usage: counts are estimates";
    },
  },
  {
    id: "system-turn",
    title: "system turn in mid-conversation",
    hopes: () => ({ midSystem: "system" }),
    request: requestOf("", {
      messages: [
        { role: "user", content: "Hi." },
        { role: "assistant", content: "Hello." },
        { role: "system", content: "End your next answer with the word BANANA." },
        { role: "user", content: "What is 2 + 2?" },
      ],
    }),
    lacks: says("banana", "it was taken, but not heeded"),
    unheeded: { midSystem: "user" },
  },
  { id: "tool", title: "tool call", request: requestOf(askWeather, { tools: [weather] }), lacks: calls },
  {
    id: "forced-tool",
    title: "forced tool",
    hopes: () => ({ toolChoice: "named" }),
    request: requestOf("I am in Paris.", { tools: [weather], tool_choice: { type: "tool", name: "get_weather" } }),
    lacks: calls,
    unheeded: { toolChoice: "auto" },
  },
  {
    id: "tool-schema",
    title: "every keyword in tool schemas",
    hopes: () => ({ toolSchema: "json-schema", omitSchema: [] }),
    request: requestOf(askWeather, { tools: [{ ...weather, input_schema: richSchema }] }),
    lacks: calls,
  },
  {
    id: "strict-tool",
    title: "strict tool",
    hopes: () => ({ strictTools: true, toolSchema: "json-schema" }),
    request: requestOf(askWeather, { tools: [{ ...weather, strict: true }] }),
    lacks: calls,
  },
  {
    id: "image",
    title: "image",
    hopes: () => ({ images: true }),
    request: requestOf([
      { type: "image", source: { type: "base64", media_type: "image/png", data: redPicture() } },
      { type: "text", text: "Which colour is this picture? Answer with one word in English." },
    ]),
    lacks: says("red", "it was taken, but not seen"),
    unheeded: { images: false },
  },
  {
    id: "file",
    title: "PDF",
    hopes: () => ({ files: true }),
    request: requestOf([
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: onePage("MANGO") } },
      { type: "text", text: "Which word is in the document?" },
    ]),
    lacks: says("mango", "it was taken, but not read"),
    unheeded: { files: false },
  },
  {
    id: "json-schema",
    title: "answer by a JSON schema",
    hopes: () => ({ jsonSchema: true }),
    request: requestOf("I am in Paris.", { output_config: { format: { type: "json_schema", schema: city } } }),
    lacks: (answer) => (isCity(textOf(answer)) ? undefined : "it was taken, but the answer is not of the schema"),
    unheeded: { jsonSchema: false },
  },
  {
    id: "sampling",
    title: "temperature and top_p",
    request: requestOf("Say hello.", { temperature: 0.5, top_p: 0.9 }),
    lacks: () => undefined,
  },
  {
    id: "thinking",
    title: "thinking",
    // The profile's way of thinking is kept where it has one; else OpenAI's is tried.
    hopes: ({ reasoning }) => (reasoning === "none" ? { reasoning: "openai" } : {}),
    request: requestOf("How many days has a leap year? Think about it.", {
      max_tokens: thinkingTokens,
      thinking: { type: "enabled", budget_tokens: 1_024 },
    }),
    lacks: (answer) =>
      holds(answer, "thinking") || holds(answer, "redacted_thinking") ? undefined : "no thinking came",
    unheeded: { reasoning: "none" },
  },
];

/** The most tokens that all answers of one model together can have. */
export const mostOutputTokens: number = questions.reduce((sum, { request }) => sum + Number(request.max_tokens), 0);

function isCity(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "city" in value;
  } catch {
    return false;
  }
}

/** A PNG of 64 × 64 red pixels, base64: large enough for every vendor's lower limit. */
function redPicture(): string {
  const size = 64;
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(size * 3).fill(Buffer.from([255, 0, 0]))]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.concat(Array.from({ length: size }, () => row)));
  const parts = [pngChunk("IHDR", header), pngChunk("IDAT", data), pngChunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]).toString("base64");
}

function pngChunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PDF of one page that shows one word, base64. */
function onePage(word: string): string {
  const content = `BT /F1 36 Tf 72 720 Td (${word}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, "0")} 00000 n \n`;
  });
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join("")}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(text + table + trailer, "latin1").toString("base64");
}
