import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { renderBanner } from "../../src/cli/banner.ts";
import { explain } from "../../src/cli/explain.ts";
import { complain } from "../../src/cli/output.ts";
import { renderEffectiveConfig } from "../../src/cli/effective-config.ts";
import { reload } from "../../src/cli/reload.ts";
import { status } from "../../src/cli/status.ts";
import { renderTable } from "../../src/cli/text-table.ts";
import { excerptOf } from "../../src/config/excerpt.ts";
import { renderProblems } from "../../src/config/problems.ts";
import { YamlSource } from "../../src/config/yaml-source.ts";
import { defaultServerSettings } from "../../src/app/create-server.ts";
import { openLog } from "../../src/log/logger.ts";
import { createPrettifier } from "../../src/log/pretty-lines.ts";
import { renderMetrics } from "../../src/metrics/exposition.ts";
import { isMisleading, visible, visibleJson, visibleLines } from "../../src/base/visible-text.ts";
import { call, postMessages, provider, startTestServer } from "../running-server.ts";
import { answerRequests, startTcpPeer } from "../tcp-peer.ts";

const codePoints = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index));

// C0 but the line feed of our own lines, DEL and C1, bidi, zero width, separators, fillers, tags, byte order mark, a lone surrogate.
const hostile = [
  ...codePoints(0x00, 0x09),
  ...codePoints(0x0b, 0x1f),
  ...codePoints(0x7f, 0x9f),
  ..."\u00ad\u034f\u061c\u115f\u1160\u180e\u3164\uffa0",
  ...codePoints(0x200b, 0x200f),
  ...codePoints(0x2028, 0x202e),
  ...codePoints(0x2060, 0x206f),
  ..."\ufeff\ufff9\u{e0041}\u{e007f}",
];
const attack = `a\u001b[2Jb\u009bc\u202ed\u2066e${hostile.join("x")}\ud800z`;
const harmless = ["plain name", "供应商一号", "fournisseur-é", "می‌خواهم", "👨‍👩‍👧", "❤️", "ไทย"];

function hostileIn(text: string): string[] {
  return [...text]
    .filter((character) => character !== "\n" && isMisleading(character))
    .map((character) => `U+${(character.codePointAt(0) ?? 0).toString(16)}`);
}

function expectVisible(text: string, sink: string): void {
  expect(text.length, sink).toBeGreaterThan(0);
  // Colours are ours; tests run without a terminal, so there are none.
  expect(hostileIn(text), sink).toEqual([]);
}

afterEach(() => void vi.restoreAllMocks());

/** What `action` writes to the process's outputs. */
async function outputOf(action: () => unknown): Promise<string> {
  let text = "";
  const take = (chunk: unknown): boolean => {
    text += String(chunk);
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockImplementation(take));
  try {
    await action();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return text;
}

describe("visible text", () => {
  it("escapes each character that misleads, alone and anywhere in a text", () => {
    for (const character of [...hostile, "\n", "\ud800", "\udc00"]) {
      expect(isMisleading(character), `U+${character.codePointAt(0)?.toString(16)}`).toBe(true);
      for (const text of [character, `a${character}b`, `${character}${character}`, `é${character}b`])
        expect(hostileIn(visible(text))).toEqual([]);
    }
    expect(visible("a\u001b[31m\u202e\u{e0041}\nb")).toBe("a\\u001b[31m\\u202e\\u{e0041}\\u000ab");
    expect(visibleLines("a\u202e\nb")).toBe("a\\u202e\nb");
  });

  it("leaves what people write in any script, and emoji of several parts", () => {
    for (const text of harmless) {
      expect(visible(text)).toBe(text);
      expect(visibleJson(JSON.stringify(text))).toBe(JSON.stringify(text));
    }
  });

  it("in JSON reads as the text that it was", () => {
    const value = { [attack]: [attack, 1, null], plain: "a\nb" };
    for (const indent of [0, 2]) {
      const json = visibleJson(JSON.stringify(value, null, indent));
      expectVisible(json, "JSON");
      expect(JSON.parse(json)).toEqual(value);
    }
  });
});

describe("a hostile name or text", () => {
  it("is escaped in the log, as JSON and as lines for people", async () => {
    for (const prettify of [undefined, createPrettifier(false)]) {
      let text = "";
      const console = new PassThrough().on("data", (chunk: Buffer) => (text += chunk.toString()));
      const log = openLog({ level: "DEBUG", file: null, console, secrets: [], ...(prettify && { prettify }) });
      log.write("INFO", "request_received", attack, { model: attack, attempts: [{ provider: attack }] });
      await log.close();
      expectVisible(text, "log");
      expect(text.split("\n").length).toBe(2);
      if (prettify === undefined) expect(JSON.parse(text)).toMatchObject({ model: attack, message: attack });
    }
  });

  it("is escaped in tables, problems, excerpts, complaints, the banner and the effective configuration", async () => {
    expectVisible(
      renderTable(
        [
          [attack, { text: attack, align: "right" }],
          ["x", attack],
        ],
        2_000,
      ),
      "table",
    );
    expectVisible(
      renderProblems([{ file: `/x/${attack}`, line: 1, column: 1, message: attack, severity: "error" }]),
      "problems",
    );
    const source = new YamlSource(`providers:\n  - name: "b\u202ec\u{e0041}d\u009b"\n`);
    expectVisible(excerptOf(source, { start: 14, end: 20 }).text, "excerpt");
    expectVisible(await outputOf(() => complain(attack, 1)), "complaint");
    const config = { providers: [provider(attack, "http://127.0.0.1:9", { bigModel: attack })] };
    const loaded = {
      config,
      server: { ...defaultServerSettings, logFile: attack },
      source: { kind: "file" as const, path: attack },
      warnings: [],
    };
    expectVisible(renderBanner({ url: "http://127.0.0.1:1", loaded }), "banner");
    const environment = { ...loaded, source: { kind: "environment" as const, variables: [attack] } };
    expectVisible(renderEffectiveConfig(environment, { cwd: "/", env: {}, home: "/" }), "effective configuration");
  });

  it("is escaped in labels of metrics", async () => {
    const samples = [{ labels: { provider: attack }, value: 1 }];
    const { text } = await renderMetrics([{ name: "x", help: "x", type: "counter", merge: "sum", samples }]);
    expectVisible(text, "metrics");
  });

  it("is escaped wherever a running server shows it: API, page, metrics, headers, log, and the command's answers", async () => {
    const body = JSON.stringify({ type: "error", error: { type: "api_error", message: attack } });
    const head = `HTTP/1.1 500 No\r\ncontent-type: application/json\r\nrequest-id: a\u009bb\u00adc\r\n`;
    await using broken = await startTcpPeer(
      answerRequests((socket) => {
        socket.write(Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n`, "latin1"));
        socket.write(body);
      }),
    );
    await using server = await startTestServer({ providers: [provider(attack, broken.origin)] });
    const refused = await postMessages(server.url, { model: attack.slice(0, 60) });
    expectVisible(JSON.stringify(refused.headers), "headers");
    for (const path of ["/providers", "/ui/state", "/metrics", "/v1/models", "/providers/explain?model=%1b%c2%9b"])
      expectVisible((await call(server.url, path)).body, path);
    // The page writes texts as they are.
    for (const { name } of (await call(server.url, "/ui/state")).json().providers) expectVisible(name, "page");
    expectVisible(server.text(), "log");
    const options = { url: server.url };
    // Arguments of a program are UTF-8: no lone surrogate comes in by them.
    const named = attack.replace("\ud800", "");
    for (const [sink, action] of [
      ["status", () => status(options)],
      ["status --json", () => status({ ...options, json: true })],
      ["explain", () => explain(named, options)],
      ["explain --json", () => explain(named, { ...options, json: true })],
      ["reload", () => reload(options)],
    ] as const) {
      expectVisible(await outputOf(action), sink);
    }
  });
});

describe("headers of an upstream's answer", () => {
  const answer = (headers: string): string =>
    `HTTP/1.1 429 No\r\ncontent-type: application/json\r\ncontent-length: 2\r\n${headers}\r\n{}`;

  it("that a client could not take are passed on escaped, and never fail the answer", async () => {
    await using peer = await startTcpPeer(
      answerRequests((socket) =>
        socket.write(Buffer.from(answer("anthropic-ratelimit-note: \u202e\u4f9b\u009b\r\nretry-after: 7\r\n"), "utf8")),
      ),
    );
    await using server = await startTestServer({ providers: [provider("one", peer.origin)] });
    const reply = await postMessages(server.url);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expectVisible(JSON.stringify(reply.headers), "headers");
  });

  it("are passed on up to 16 kB in all", async () => {
    const many = Array.from({ length: 40 }, (_, index) => `anthropic-ratelimit-x${index}: ${"v".repeat(1_000)}\r\n`);
    const ok = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n${many.join("")}\r\n{}`;
    await using peer = await startTcpPeer(answerRequests((socket) => socket.write(ok)));
    await using server = await startTestServer({ providers: [provider("one", peer.origin)] });
    const { headers } = await postMessages(server.url);
    expect(JSON.stringify(headers).length).toBeLessThan(17 * 1024);
    expect(headers["content-type"]).toBe("application/json");
  });
});
