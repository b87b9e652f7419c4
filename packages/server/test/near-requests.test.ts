import {
  anthropicMembers,
  type BehaviourSource,
  openaiMembers,
  refuse,
  refuseAnthropic,
  refuseChat,
  responsesRefusal,
  startFakeUpstream,
  text,
} from "@ccpb/fake-upstream";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chatRequest, responsesRequest } from "./full-requests.ts";
import { provider, startTestServer } from "./running-server.ts";

type Json = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/** Requests per client and provider; `CCPB_NEAR_REQUESTS` asks for more, `CCPB_NEAR_SEED` for others. */
const runs = Number(process.env["CCPB_NEAR_REQUESTS"] ?? 400);
const seed = Number(process.env["CCPB_NEAR_SEED"] ?? 1);

/** Every place of a value, the root left out. */
function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [];
  const places = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  return places.flatMap((place) => [
    [...path, place],
    ...pathsOf((value as Record<string | number, unknown>)[place], [...path, place]),
  ]);
}

/** What OpenAI's API takes of what only it can be told. */
const extras =
  "seed frequency_penalty presence_penalty logit_bias verbosity metadata store prompt_cache_retention top_k".split(" ");
const rules = {
  messages: { members: anthropicMembers, takesSystemTurns: false },
  chat: {
    members: new Set([...openaiMembers, ...extras]),
    toolIdLimit: 64,
    takesImages: true,
    takesUserAfterTool: true,
  },
} as const;

/** A provider that refuses what the real API of its dialect refuses. */
const strict =
  (dialect: "messages" | "chat" | "responses"): BehaviourSource =>
  ({ body, headers }) => {
    const complaint =
      dialect === "messages"
        ? refuseAnthropic(body, headers as Record<string, string>, rules.messages)
        : dialect === "chat"
          ? refuseChat(body, rules.chat)
          : responsesRefusal(body)?.message;
    return complaint === undefined ? text("ok") : refuse(400, { message: `the provider refused: ${complaint}` });
  };

const absent = Symbol("absent");

/** The value with another one at a place. */
function withAt(value: unknown, [place, ...rest]: Path, other: unknown): unknown {
  if (place === undefined) return other;
  // An earlier change may have put something without members there.
  if (typeof value !== "object" || value === null) return value;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string | number, unknown>;
  const next = withAt(copy[place], rest, other);
  if (next !== absent) copy[place] = next;
  else if (Array.isArray(copy)) copy.splice(Number(place), 1);
  else delete copy[place];
  return copy;
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    absent,
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    "",
    " ",
    "x",
    "auto",
    "none",
    "\ud800",
  ),
  fc.constantFrom<unknown>([], {}, [null], [[]], [{}], [1], ["x"], { type: "x" }, { type: null }, { type: "function" }),
  fc.constantFrom<unknown>(
    "data:,",
    "data:image/png;base64,",
    "{",
    "[]",
    "null",
    JSON.parse('{"__proto__":{"type":"text"}}'),
    { type: "text", text: 1 },
    { role: "user", content: [null] },
    { content: "x", success: "no" },
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

/** A request with some members other than the API has them. */
function nearTo(base: Json) {
  const paths = pathsOf(base);
  const members = Object.keys(base);
  const change = fc.tuple(fc.constantFrom(...paths), odd);
  // Most members of the base are left out in most requests, so that not one of them decides about all.
  const kept = fc.oneof(fc.constant(members), fc.subarray(members));
  return fc.tuple(kept, fc.array(change, { minLength: 1, maxLength: 4 })).map(([names, changes]) => {
    const required = new Set([...names, "model", "messages", "input"]);
    const start: unknown = Object.fromEntries(Object.entries(base).filter(([name]) => required.has(name)));
    return changes.reduce((value, [path, other]) => withAt(value, path, other), start);
  });
}

const clients = [
  { path: "/v1/chat/completions", base: chatRequest },
  { path: "/v1/responses", base: responsesRequest },
] as const;

describe.each(["messages", "chat", "responses"] as const)("requests near the schema over a %s provider", (dialect) => {
  const opened: AsyncDisposable[] = [];
  let url = "";
  beforeAll(async () => {
    const type = dialect === "messages" ? "anthropic" : "openai";
    const upstream = await startFakeUpstream({
      dialect: type,
      defaultBehaviour: strict(dialect),
    });
    const server = await startTestServer(
      {
        providers: [
          provider("one", upstream.url, {
            type,
            bigModel: dialect === "messages" ? "claude-sonnet-4-5" : "some-model",
            ...(dialect !== "messages" && { dialect }),
          }),
        ],
      },
      { logLevel: "ERROR" },
    );
    opened.push(server, upstream);
    url = server.url;
  });
  afterAll(async () => {
    for (const one of opened) await one[Symbol.asyncDispose]();
  });

  it.each(clients)(
    "$path: answers, or says which member is wrong",
    async ({ path, base }) => {
      await fc.assert(
        fc.asyncProperty(nearTo(base), async (body) => {
          const reply = await fetch(`${url}${path}`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
            signal: AbortSignal.timeout(120_000),
          });
          const text = await reply.text();
          if (reply.status === 200) return expectWhole(text);
          expect([reply.status, text]).toEqual([400, expect.any(String)]);
          const { error } = JSON.parse(text) as { error: { message: string } };
          // What passes as it came is the provider's to refuse.
          if (path.includes(dialect) && error.message.startsWith("the provider refused")) return;
          expectNamed(error.message, body, base);
        }),
        { numRuns: runs, seed },
      );
    },
    3_600_000,
  );
});

/** What was answered is whole: a JSON object, or a stream that has its end. */
function expectWhole(text: string): void {
  if (text.startsWith("{")) expect((JSON.parse(text) as Json)["error"] ?? null).toBeNull();
  else expect(text).toMatch(/data: \[DONE\]\n\n$|"type":"response\.(completed|incomplete)"/);
}

/** A refusal begins with the path of a member, or names it. */
function expectNamed(message: string, body: unknown, base: Json): void {
  const known = new Set([...Object.keys(base), ...Object.keys(Object(body)), "body"]);
  const [head = ""] = /^[\w]+/.exec(message) ?? [];
  expect(known, message).toContain(head);
}
