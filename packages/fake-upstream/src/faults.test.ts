import { isUtf8 } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { eventData, RawClient } from "../test/raw-client.ts";
import {
  type BehaviourSource,
  body,
  commentsOnly,
  cut,
  type Dialect,
  drop,
  echoCredentials,
  errorWithin,
  frames,
  inOtherForm,
  inserted,
  malformedHttp,
  notAnswers,
  paced,
  pingsOnly,
  type Place,
  raw,
  refuse,
  silences,
  sized,
  stall,
  staleAfterFirst,
  startFakeUpstream,
  text,
  thinking,
} from "./index.ts";

const both = ["anthropic", "openai"] as const;
const stream = { model: "m", stream: true };

async function withClient(
  dialect: Dialect,
  behaviours: readonly BehaviourSource[],
  act: (client: RawClient, path: string) => Promise<void>,
): Promise<void> {
  await using upstream = await startFakeUpstream({ dialect, script: behaviours });
  using client = new RawClient(upstream.port);
  await act(client, dialect === "anthropic" ? "/v1/messages" : "/v1/chat/completions");
}

async function whole(
  dialect: Dialect,
  behaviour: BehaviourSource,
  ask: object = stream,
  headers = {},
): Promise<RawClient> {
  let kept: RawClient | undefined;
  await withClient(dialect, [behaviour], async (client, path) => {
    client.post(path, ask, headers);
    await client.whole();
    kept = client;
  });
  if (!kept) throw new Error("no answer");
  return kept;
}

describe("the end of a response", () => {
  it.each(both)("comes by RST or FIN before its head (%s)", async (dialect) => {
    for (const by of ["reset", "fin"] as const) {
      await withClient(dialect, [drop(by)], async (client, path) => {
        client.post(path, stream);
        expect(await client.ended()).toBe(by);
        expect(client.text).toBe("");
      });
    }
  });

  const full = {
    anthropic: text("What was to be said, in several deltas."),
    openai: text("What was to be said, in several deltas."),
  };
  const places: Record<
    string,
    {
      readonly place: Place;
      readonly has: Partial<Record<Dialect, string>>;
      readonly lacks: Partial<Record<Dialect, string>>;
    }
  > = {
    headers: { place: "headers", has: {}, lacks: { anthropic: "message_start", openai: "role" } },
    start: {
      place: "start",
      has: { anthropic: "message_start", openai: '"role"' },
      lacks: { anthropic: "content_block_start", openai: "What" },
    },
    "before-content": {
      place: "before-content",
      has: { anthropic: "content_block_start", openai: '"role"' },
      lacks: { anthropic: "content_block_delta", openai: "What" },
    },
    "mid-event": {
      place: "mid-event",
      has: { anthropic: "content_block_start", openai: '"role"' },
      lacks: { anthropic: "What", openai: "What" },
    },
    "after-content": {
      place: "after-content",
      has: { anthropic: "What was", openai: "What was" },
      lacks: { anthropic: "to be", openai: "to be" },
    },
    "mid-content": {
      place: "mid-content",
      has: { anthropic: "to be", openai: "to be" },
      lacks: { anthropic: "deltas.", openai: "deltas." },
    },
    "before-end": {
      place: "before-end",
      has: { anthropic: "eltas.", openai: "eltas." },
      lacks: { anthropic: "content_block_stop", openai: '"stop"' },
    },
    "before-terminal": {
      place: "before-terminal",
      has: { anthropic: "message_delta", openai: '"stop"' },
      lacks: { anthropic: "message_stop", openai: "[DONE]" },
    },
    "two events": {
      place: { events: 2 },
      has: { anthropic: "content_block_start", openai: "What was" },
      lacks: { anthropic: "event: ping", openai: "to be" },
    },
    "five bytes": {
      place: { bytes: 5 },
      has: { anthropic: "event", openai: "data:" },
      lacks: { anthropic: "event:", openai: "data: " },
    },
  };

  for (const dialect of both) {
    it.each(Object.keys(places))(`comes at %s, by every means (${dialect})`, async (name) => {
      const { place, has, lacks } = places[name] ?? { place: "end", has: {}, lacks: {} };
      for (const by of ["reset", "fin", "end"] as const) {
        // Paced, so that the client has read everything before RST throws away what it has not.
        await withClient(dialect, [paced(cut(full[dialect], place, by), 1)], async (client, path) => {
          client.post(path, stream);
          if (by === "end") await client.until(() => client.text.endsWith("0\r\n\r\n"));
          else expect(await client.ended()).toBe(by);
          expect(client.status).toBe(200);
          expect(client.body).toContain(has[dialect] ?? "");
          expect(client.body).not.toContain(lacks[dialect] ?? "\0");
          expect(client.text.endsWith("\r\n0\r\n\r\n")).toBe(by === "end");
        });
      }
    });
  }

  it.each(both)("comes within JSON, by its length or by its chunks (%s)", async (dialect) => {
    await withClient(dialect, [cut(text("whole"), "mid-event", "fin")], async (client, path) => {
      client.post(path, { model: "m" });
      expect(await client.ended()).toBe("fin");
      const length = Number(client.header("content-length"));
      expect(client.body.length).toBe(Math.floor(length / 2));
    });
    await withClient(
      dialect,
      [{ ...cut(text("whole"), "mid-event", "end"), framing: "chunked" }],
      async (client, path) => {
        client.post(path, { model: "m" });
        await client.whole();
        expect(() => JSON.parse(client.body)).toThrow(SyntaxError);
        expect(client.text.endsWith("\r\n0\r\n\r\n")).toBe(true);
      },
    );
  });

  it.each(both)("does not come: the connection stays open after the last event (%s)", async (dialect) => {
    await withClient(dialect, [stall(text("all of it"), "end")], async (client, path) => {
      client.post(path, stream);
      await client.until(() => client.text.includes(dialect === "anthropic" ? "message_stop" : "[DONE]"));
      expect(await client.isSilentFor(30)).toBe(true);
      expect(client.text.endsWith("0\r\n\r\n")).toBe(false);
    });
  });

  it("may say that the connection closes, or close it unannounced while it is idle", async () => {
    const close = await whole("anthropic", { ...text("bye"), afterwards: "close" });
    expect(close.header("connection")).toBe("close");
    for (const by of ["fin", "reset"] as const) {
      await withClient("anthropic", [{ ...text("bye"), afterwards: { by, idleMs: 5 } }], async (client, path) => {
        client.post(path, stream);
        await client.whole();
        expect(client.header("connection")).toBe("keep-alive");
        expect(await client.ended()).toBe(by);
      });
    }
  });

  it("is not disturbed by an idle close once another request has come", async () => {
    const first = { ...text("one"), afterwards: { by: "reset", idleMs: 3_000 } } as const;
    await withClient("anthropic", [first, paced(text("two ".repeat(20)), 300)], async (client, path) => {
      client.post(path, stream);
      await client.whole();
      client.reads.length = 0;
      client.post(path, stream);
      await client.whole();
      expect(client.body).toContain("message_stop");
    });
  });

  it("comes before any byte of the second request on a connection, and not on a fresh one", async () => {
    for (const by of ["reset", "fin"] as const) {
      await using upstream = await startFakeUpstream({ dialect: "openai" });
      upstream.setDefault(staleAfterFirst(text("fresh"), by));
      for (const _ of [1, 2]) {
        using client = new RawClient(upstream.port);
        client.post("/v1/chat/completions", {});
        await client.whole();
        expect(client.status).toBe(200);
        client.reads.length = 0;
        client.post("/v1/chat/completions", {});
        expect(await client.ended()).toBe(by);
        expect(client.reads).toHaveLength(0);
      }
    }
  });

  it("resets a connection that is written to after it was closed, and does not count that as a request", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", script: [drop("fin")] });
    using client = new RawClient(upstream.port);
    client.post("/v1/messages", {});
    await client.until(() => client.end === "fin");
    client.post("/v1/messages", {});
    await vi.waitFor(() => expect(upstream.connections).toBe(0), { interval: 5, timeout: 30_000 });
    expect(upstream.requests).toHaveLength(1);
  });
});

describe("silence", () => {
  for (const dialect of both) {
    it.each(Object.keys(silences))(`falls %s (${dialect})`, async (name) => {
      await withClient(dialect, [silences[name] ?? drop("stall")], async (client, path) => {
        client.post(path, stream);
        if (name !== "before its head") await client.until(() => client.reads.length > 0);
        await client.isSilentFor(10);
        expect(await client.isSilentFor(30)).toBe(true);
        expect(client.text).not.toContain("never sa");
        if (name === "before its head") expect(client.text).toBe("");
      });
    });
  }

  it("may be filled with pings or comments", async () => {
    for (const [dialect, behaviour, beat] of [
      ["anthropic", pingsOnly(2), '"ping"'],
      ["openai", commentsOnly(2), ": OPENROUTER PROCESSING"],
    ] as const) {
      await withClient(dialect, [behaviour], async (client, path) => {
        client.post(path, stream);
        await client.until(() => client.text.split(beat).length > 5);
        expect(client.text).not.toContain("never");
        expect(client.end).toBe("open");
      });
    }
  });

  it("ends when the client leaves, a flood of heartbeats too", async () => {
    await using upstream = await startFakeUpstream({
      dialect: "anthropic",
      script: [stall(text(""), "start", { text: `: ${"x".repeat(10_000)}\n\n`, everyMs: 0 })],
    });
    using client = new RawClient(upstream.port);
    client.post("/v1/messages", stream);
    await client.until(() => client.bytes.length > 200_000);
    client.socket.destroy();
    const request = await upstream.request(1);
    await request.ended;
    expect(request.aborted).toBe(true);
  });
});

describe("delivery", () => {
  const words = text("Ünïcödé 🎉 everywhere");

  it.each(both)("does not change what is said, whatever the size of the writes (%s)", async (dialect) => {
    const said = dialect === "anthropic" ? /"text":"((?:[^"])*)"/g : /"content":"((?:[^"])*)"/g;
    for (const size of [1, 7, 16384, "coalesced", "split-utf8"] as const) {
      const { body } = await whole(dialect, sized(words, size));
      expect([...body.matchAll(said)].map((match) => match[1]).join("")).toBe("Ünïcödé 🎉 everywhere");
    }
  });

  it("cuts into chunks of that size", async () => {
    const { text: one } = await whole("anthropic", sized(words, 1));
    const body = one.slice(one.indexOf("\r\n\r\n") + 4);
    expect(body.match(/(?:^|\r\n)1\r\n/g)?.length).toBeGreaterThan(500);
    const { text: seven } = await whole("anthropic", sized(words, 7));
    expect(seven.match(/\r\n7\r\n/g)?.length).toBeGreaterThan(100);
    const { text: all } = await whole("anthropic", sized(words, "coalesced"));
    expect(all.match(/\r\n[0-9a-f]+\r\n/g)).toHaveLength(2);
  });

  it("splits characters, and one read may end within one", async () => {
    await withClient("openai", [paced(words, 1, "split-utf8")], async (client, path) => {
      client.post(path, stream);
      await client.whole();
      const isSplit = (read: Buffer): boolean => read.toString("utf8").includes("\uFFFD");
      expect(client.reads.filter(isSplit).length).toBeGreaterThan(3);
      expect(client.body).not.toContain("\uFFFD");
    });
  });

  it("pauses before each write", async () => {
    const started = performance.now();
    const { reads } = await whole("anthropic", paced(text("0123456789".repeat(4)), 4));
    expect(performance.now() - started).toBeGreaterThan(10 * 4);
    expect(reads.length).toBeGreaterThan(5);
  });

  it("compresses the body and says so", async () => {
    const client = await whole("openai", { ...refuse(429, { message: "slow down" }), encoding: "gzip" });
    expect(client.header("content-encoding")).toBe("gzip");
    const bytes = client.bytes;
    expect(gunzipSync(bytes.subarray(bytes.indexOf("\r\n\r\n") + 4)).toString()).toContain("slow down");
    for (const encoding of ["br", "deflate"] as const) {
      const other = await whole("openai", { ...text("hidden"), encoding }, { model: "m" });
      expect(other.header("content-encoding")).toBe(encoding);
      expect(other.text).not.toContain("hidden");
    }
  });
});

describe("a refusal", () => {
  it.each(both)("has its status, its headers and the dialect's error (%s)", async (dialect) => {
    const client = await whole(
      dialect,
      refuse(429, { message: "slow down" }, { "retry-after": "30", "retry-after-ms": "2" }),
    );
    expect(client.status).toBe(429);
    expect(client.header("retry-after")).toBe("30");
    expect(client.header("retry-after-ms")).toBe("2");
    expect(JSON.parse(client.body)).toMatchObject(
      dialect === "anthropic"
        ? { type: "error", error: { type: "rate_limit_error", message: "slow down" } }
        : { error: { type: "rate_limit_exceeded", message: "slow down", code: null } },
    );
  });

  it("has any body and any type of content", async () => {
    const html = await whole("openai", body("<h1>502</h1>", { status: 502, contentType: "text/html" }));
    expect([html.status, html.header("content-type"), html.body]).toEqual([502, "text/html", "<h1>502</h1>"]);
    const empty = await whole("openai", body("", { status: 500, contentType: null }));
    expect([empty.status, empty.header("content-type"), empty.body]).toEqual([500, undefined, ""]);
    const moved = await whole("openai", body("", { status: 307, headers: { location: "http://127.0.0.1:1/" } }));
    expect([moved.status, moved.header("location")]).toEqual([307, "http://127.0.0.1:1/"]);
  });

  it("may quote the credential that it was sent", async () => {
    const client = await whole("openai", echoCredentials(401), stream, { authorization: "Bearer sk-secret" });
    expect(client.status).toBe(401);
    expect(client.body).toContain("Bearer sk-secret");
  });

  it("may come before the body is read", async () => {
    await using upstream = await startFakeUpstream({
      dialect: "anthropic",
      script: [{ ...refuse(413), early: true, afterwards: "close" }],
    });
    using client = new RawClient(upstream.port);
    client.socket.write("POST /v1/messages HTTP/1.1\r\ncontent-length: 1000\r\n\r\nno more");
    await client.until(() => client.status === 413);
    expect((await upstream.request(1)).rawBody).toHaveLength(0);
    expect(upstream.requests).toHaveLength(1);
  });
});

describe("an error within a stream", () => {
  it.each(both)("comes before or after the content, and then nothing does (%s)", async (dialect) => {
    for (const at of ["before-content", "after-content"] as const) {
      const { body } = await whole(dialect, errorWithin(text("What was said"), at, { message: "Overloaded" }));
      const events = eventData(body);
      expect(events.at(-1)).toMatchObject({ error: { message: "Overloaded" } });
      expect(body.includes("What was")).toBe(at === "after-content");
      expect(body.includes("event: error\n")).toBe(dialect === "anthropic");
    }
  });

  it.each(both)("may be junk, or another answer after the end (%s)", async (dialect) => {
    const junk = await whole(dialect, inserted(text("What was said"), "after-content", "<html>\n"));
    expect(junk.body).toMatch(/What was[^<]*\n\n<html>\n/);
    const again = await whole(dialect, {
      ...text("first"),
      inserts: [{ at: "end", answer: { blocks: [{ type: "text", text: "second" }] } }],
    });
    const end = again.body.indexOf(dialect === "anthropic" ? "message_stop" : "[DONE]");
    expect(again.body.indexOf("second")).toBeGreaterThan(end);
    expect(end).toBeGreaterThan(-1);
  });

  it("keeps inserts apart from the place of a stop", async () => {
    const behaviour = {
      ...cut(text("What was said"), "start", "end"),
      inserts: [{ at: "headers", text: ": hello\n\n" }],
    } as const;
    const { body } = await whole("anthropic", behaviour);
    expect(body).toMatch(/^: hello\n\nevent: message_start\n[^\n]*\n\n$/);
  });
});

describe("form", () => {
  it("may be the other one than was asked for", async () => {
    expect((await whole("anthropic", inOtherForm(text("x")), { stream: true })).header("content-type")).toBe(
      "application/json",
    );
    expect((await whole("openai", inOtherForm(text("x")), {})).body).toContain("[DONE]");
  });

  it("may be events as they are written down", async () => {
    const client = await whole("openai", frames("data: 1\n\n", "data: 2\n\n"));
    expect(client.body).toBe("data: 1\n\ndata: 2\n\n");
  });
});

describe("the head of a response", () => {
  it("may be late, slow, long, odd, or come after informational ones", async () => {
    const started = performance.now();
    await whole("anthropic", { ...text("late"), head: { delayMs: 30 } });
    expect(performance.now() - started).toBeGreaterThanOrEqual(28);

    const slow = await whole("anthropic", { ...refuse(500), head: { byteDelayMs: 0 } });
    expect(slow.status).toBe(500);
    expect(slow.reads.length).toBeGreaterThan(20);

    expect((await whole("anthropic", { ...text("x"), head: { paddingBytes: 70_000 } })).bytes.length).toBeGreaterThan(
      70_000,
    );
    expect((await whole("anthropic", { ...text("x"), head: { statusLine: "HTTP/1.1 299 Odd" } })).status).toBe(299);
    const informed = await whole("anthropic", { ...text("x"), head: { informational: [100, 103] } });
    expect(informed.text).toMatch(
      /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 103 Early Hints\r\n\r\nHTTP\/1.1 200 OK\r\n/,
    );
  });

  it("may lose, change or repeat headers", async () => {
    const client = await whole("anthropic", {
      ...text("x"),
      headers: { "Content-Type": null, "request-id": "mine", "set-cookie": ["a=1", "b=2"] },
    });
    expect(client.header("content-type")).toBeUndefined();
    expect(client.header("request-id")).toBe("mine");
    expect(client.text.match(/^set-cookie: /gm)).toHaveLength(2);
  });
});

describe("framing", () => {
  it("may end a body by closing", async () => {
    await withClient("openai", [{ ...text("until I close"), framing: "close" }], async (client, path) => {
      client.post(path, stream);
      expect(await client.ended()).toBe("fin");
      expect(client.header("transfer-encoding")).toBeUndefined();
      expect(client.header("content-length")).toBeUndefined();
      expect(client.body).toContain("[DONE]");
    });
  });

  it("may lie about the length, both ways", async () => {
    for (const declaredLength of [10, 100_000]) {
      await withClient("openai", [{ ...text("x"), framing: { declaredLength } }], async (client, path) => {
        client.post(path, {});
        await client.ended();
        expect(client.header("content-length")).toBe(String(declaredLength));
        expect(client.body.length).toBeGreaterThan(10);
        expect(client.body.length).toBeLessThan(100_000);
      });
    }
  });
});

describe("the catalogues", () => {
  it.each(Object.keys(malformedHttp))("%s is no valid HTTP for a client of Node", async (name) => {
    const { request } = await import("node:http");
    for (const dialect of both) {
      await using upstream = await startFakeUpstream({ dialect });
      upstream.setDefault(malformedHttp[name] ?? text(""));
      const failure = await new Promise<unknown>((resolve) => {
        const path = dialect === "anthropic" ? "/v1/messages" : "/v1/chat/completions";
        const sent = request({ port: upstream.port, method: "POST", path, agent: false }, (response) => {
          let bytes = "";
          response.setEncoding("utf8");
          response.on("data", (data: string) => (bytes += data));
          response.on("error", resolve);
          response.on("close", () => resolve(response.complete && isWhole(bytes) ? undefined : "cut"));
        });
        sent.on("error", resolve);
        sent.on("upgrade", (_, socket) => {
          socket.destroy();
          resolve("upgrade");
        });
        sent.end('{"model":"m","stream":true}');
      });
      expect(failure).toBeDefined();
    }
  });

  const forms = both.flatMap((dialect) => [true, false].map((stream) => ({ dialect, stream })));
  it.each(Object.keys(notAnswers))("%s holds no answer, and comes in valid HTTP", async (name) => {
    for (const { dialect, stream } of forms) {
      const client = await whole(dialect, notAnswers[name] ?? text(""), { model: "m", stream });
      expect(client.status).toBeGreaterThanOrEqual(200);
      expect(client.status).toBeLessThan(300);
      expect(client.status === 200 && isUtf8(client.bytes) && isWhole(client.body)).toBe(false);
    }
  });
});

describe("raw bytes", () => {
  it("go out as they are", async () => {
    await withClient("anthropic", [raw("anything at all", "fin")], async (client, path) => {
      client.post(path, stream);
      await client.ended();
      expect(client.text).toBe("anything at all");
    });
  });

  it("may be repeated a number of times", async () => {
    const behaviour = {
      type: "wire",
      steps: [
        { type: "repeat", bytes: "ab", everyMs: 1, times: 3 },
        { type: "end", by: "fin" },
      ],
    } as const;
    await withClient("anthropic", [behaviour], async (client, path) => {
      client.post(path, stream);
      await client.ended();
      expect(client.text).toBe("ababab");
    });
  });
});

it("a place after thinking counts thinking as content", async () => {
  const { body } = await whole("anthropic", cut(thinking("a thought", "words"), "before-content", "end"));
  expect(body).not.toContain("content_block_start");
});

/** Does the text hold a whole answer in any of the four forms? */
function isWhole(text: string): boolean {
  if (text.includes('"type":"message_stop"') || /finish_reason":"\w+"[^]*\[DONE\]/.test(text)) return true;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && ("content" in value || "choices" in value);
  } catch {
    return false;
  }
}
