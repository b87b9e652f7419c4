import { describe, expect, it } from "vitest";
import { createReader } from "../../src/call/create-reader.ts";
import { chatClient } from "../../src/dialects/chat/client-dialect.ts";
import { ChatStreamWatch } from "../../src/dialects/chat/stream-watch.ts";
import { ChatStreamTranslator } from "../../src/dialects/chat/stream.ts";
import { ClientStreamReader, inClientDialect } from "../../src/dialects/client-reader.ts";
import { TranslatedEvents } from "../../src/dialects/event-reader.ts";
import { NativeStreamReader } from "../../src/dialects/messages/stream.ts";
import { readNativeWhole } from "../../src/dialects/messages/whole.ts";
import { PassThroughReader } from "../../src/dialects/pass-through.ts";
import { PassedEvents } from "../../src/dialects/passed-events.ts";
import type { ReplyReader } from "../../src/dialects/reader.ts";
import { responsesClient } from "../../src/dialects/responses/client-dialect.ts";
import { ResponsesStreamWatch } from "../../src/dialects/responses/stream-watch.ts";
import { ResponsesStreamTranslator } from "../../src/dialects/responses/stream.ts";
import { readTranslatedWhole } from "../../src/dialects/translated.ts";
import { corpus, type FuzzDialect } from "../fuzz/corpus.ts";
import { answerContext } from "./responses-client-cases.ts";
import { strangeAnswers } from "./strange-answers.ts";
import { bytesOf, eventsOf, strangeThings } from "./strange-streams.ts";
import { contextOf, counted } from "./stream-run.ts";

const clients = {
  messages: undefined,
  chat: { dialect: chatClient, context: { ...answerContext(), includeUsage: true } },
  responses: { dialect: responsesClient, context: answerContext() },
} as const;
type Client = keyof typeof clients;

const writeError = () => ({ error: { message: "it broke" } });
const watches = { native: undefined, chat: ChatStreamWatch, responses: ResponsesStreamWatch } as const;
const dialects = Object.keys(strangeThings) as readonly FuzzDialect[];
const ways = (Object.keys(clients) as readonly Client[]).flatMap((client) =>
  dialects.map((dialect) => [client, dialect] as const),
);

const isPassed = (client: Client, dialect: FuzzDialect): boolean =>
  client === (dialect === "native" ? "messages" : dialect);

const sameText = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function open(client: Client, dialect: FuzzDialect): ReplyReader {
  const Watch = watches[dialect];
  if (isPassed(client, dialect))
    return Watch === undefined
      ? new NativeStreamReader()
      : new PassThroughReader(new Watch(writeError), { answerModel: undefined });
  const answer = clients[client];
  if (answer !== undefined && dialect === "native")
    return new ClientStreamReader(new PassedEvents(new NativeStreamReader()), answer);
  const context = contextOf({
    stream: true,
    ...(dialect !== "native" && { dialect }),
    serverTools: new Set(["web_search"]),
  });
  const options = { generateId: counted() };
  if (answer !== undefined) {
    const translator =
      dialect === "chat" ? new ChatStreamTranslator(context, options) : new ResponsesStreamTranslator(context, options);
    return new ClientStreamReader(new TranslatedEvents(translator), answer);
  }
  return createReader({
    stream: true,
    dialect: dialect === "native" ? "messages" : dialect,
    requestedModel: "m",
    client: undefined,
    answerModel: undefined,
    translation: context,
    ...options,
  });
}

/** Reads an answer; returns the bytes that the client gets, and the outcome at the end. */
function read(reader: ReplyReader, bytes: Uint8Array) {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += 100) {
    const part = reader.push(bytes.slice(start, start + 100));
    if (part) parts.push(part.slice());
  }
  const last = reader.end();
  if (last) parts.push(last);
  const { state, usage, stopReason } = reader;
  return { wire: Buffer.concat(parts).toString("utf8"), end: { state, usage, stopReason } };
}

function readWhole(client: Client, dialect: FuzzDialect, body: unknown) {
  const whole = (bytes: Uint8Array) =>
    dialect === "native"
      ? readNativeWhole(bytes, { answerModel: undefined, framing: "json" })
      : readTranslatedWhole(bytes, contextOf({ stream: false, dialect }), counted());
  const answer = clients[client];
  const read = answer === undefined ? whole : inClientDialect(whole, answer, "json");
  const { warnings: _warnings, ...result } = { warnings: [], ...read(new TextEncoder().encode(JSON.stringify(body))) };
  return "bytes" in result ? { ...result, bytes: Buffer.from(result.bytes).toString("utf8") } : result;
}

describe.each(ways)("a client of %s over a provider of %s", (client, dialect) => {
  const bodies = corpus().filter((body) => body.dialect === dialect && body.stream);

  it.each(Object.entries(strangeThings[dialect]))("reads the same stream beside %s", (_what, put) => {
    let count = 0;
    for (const body of bodies) {
      const events = eventsOf(body);
      const strange = events && put(events);
      // A stream without a place for it stays as it was.
      if (events === undefined || strange === undefined || sameText(events, strange)) continue;
      count += 1;
      const [was, is] = [events, strange].map((some) => read(open(client, dialect), bytesOf(some)));
      expect(is?.end, body.id).toEqual(was?.end);
      // Between a client and a provider of one API, the unknown is passed on; elsewhere it has no place.
      if (!isPassed(client, dialect)) expect(is?.wire, body.id).toBe(was?.wire);
      else if (is?.end.state === "complete") expect(is.wire, body.id).toContain("hologram");
    }
    expect(count).toBeGreaterThan(0);
  });
});

// A whole answer of the client's own API is passed on as bytes.
describe.each(ways.filter(([client, dialect]) => !isPassed(client, dialect)))(
  "a client of %s over a provider of %s",
  (client, dialect) => {
    const bodies = corpus().filter((body) => body.dialect === dialect && !body.stream);
    it.each(Object.entries(strangeAnswers[dialect]))("reads the same whole answer beside %s", (_what, put) => {
      let count = 0;
      for (const { id, bytes } of bodies) {
        const text = new TextDecoder().decode(bytes).trim();
        if (!text.startsWith("{")) continue;
        const body = JSON.parse(text) as Record<string, unknown>;
        const strange = put(body);
        if (strange === undefined) continue;
        count += 1;
        expect(readWhole(client, dialect, strange), id).toEqual(readWhole(client, dialect, body));
      }
      expect(count).toBeGreaterThan(0);
    });
  },
);

describe.each(ways)(
  "the reason to stop that no API has, for a client of %s over a provider of %s",
  (client, dialect) => {
    const words = /"(stop_reason|finish_reason)":"[a-z_]+"|"reason":"(?:max_output_tokens|content_filter)"/g;
    it("is an ordinary end of the answer", () => {
      let count = 0;
      for (const body of corpus().filter((one) => one.dialect === dialect && one.stream)) {
        const events = eventsOf(body);
        const was = events && read(open(client, dialect), bytesOf(events));
        if (was?.end.state !== "complete") continue;
        const odd = (text: string) => text.replaceAll(words, (found) => found.replace(/"[a-z_]+"$/, '"hologram"'));
        const text = new TextDecoder().decode(bytesOf(events ?? []));
        const strange = odd(text);
        if (strange === text) continue;
        count += 1;
        const { wire, end } = read(open(client, dialect), new TextEncoder().encode(strange));
        expect(end.state, body.id).toBe("complete");
        if (isPassed(client, dialect)) expect(wire).toBe(odd(was.wire));
        else {
          expect(wire, body.id).not.toContain("hologram");
          expect(wire, body.id).toMatch(
            /"(?:stop_reason|finish_reason)":"(?:end_turn|tool_use|stop|tool_calls)"|"type":"response\.(?:completed|incomplete)"/,
          );
        }
      }
      expect(count).toBeGreaterThan(0);
    });
  },
);
