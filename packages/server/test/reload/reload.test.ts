import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paced, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startServer, type RunningServer, type StartServerOptions } from "../../src/app/start-server.ts";
import { call, messagesBody, postMessages, until } from "../running-server.ts";

interface Entry {
  readonly name: string;
  readonly url: string;
  readonly key?: string;
}

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ccpb-reload-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(entries: readonly Entry[], settings = ""): void {
  const providers = entries.map(
    ({ name, url, key = "sk-test-1234567890abcdef" }) =>
      `  - {name: ${name}, type: anthropic, base_url: "${url}", auth_type: api_key, auth_value: "${key}", big_model: passthrough, small_model: passthrough}\n`,
  );
  writeRaw(`providers:\n${providers.join("")}settings:\n  port: 0\n  log_file: ""\n${settings}`);
}

function writeRaw(content: string): void {
  writeFileSync(join(folder, "providers.yaml"), content, { mode: 0o600 });
}

async function start(options: StartServerOptions = {}): Promise<RunningServer & AsyncDisposable> {
  const server = await startServer({ cwd: folder, home: folder, env: {}, watch: false, ...options });
  return Object.assign(server, { [Symbol.asyncDispose]: async () => void (await server.close(0)) });
}

const post = (url: string, path = "/providers/reload", headers = {}) => call(url, path, { method: "POST", headers });

describe("a reload", () => {
  it("by POST needs no body and no content type, and answers what changed", async () => {
    await using one = await startFakeUpstream({ dialect: "anthropic" });
    await using two = await startFakeUpstream({ dialect: "anthropic" });
    write([
      { name: "one", url: one.url },
      { name: "two", url: two.url },
    ]);
    await using server = await start();
    write([
      { name: "two", url: one.url },
      { name: "one", url: one.url },
      { name: "three", url: two.url },
    ]);
    const reply = await post(server.url);
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({
      status: "ok",
      message: expect.any(String),
      added: ["three"],
      removed: [],
      changed: ["two"],
      kept: ["one"],
    });
    expect(Date.parse(reply.json().timestamp)).toBeGreaterThan(0);
    expect(
      (await call(server.url, "/providers")).json().providers.map((provider: { name: string }) => provider.name),
    ).toEqual(["two", "one", "three"]);
    const withBody = await call(server.url, "/providers/reload", {
      method: "POST",
      body: "anything",
      headers: { "content-type": "text/plain" },
    });
    expect(withBody.status).toBe(200);
  });

  it("keeps the circuit of a provider that stays what it was, and resets that of a changed key", async () => {
    await using down = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(500) });
    await using up = await startFakeUpstream({ dialect: "anthropic" });
    const [first, second] = [
      { name: "down", url: down.url },
      { name: "up", url: up.url },
    ];
    write([first, second]);
    await using server = await start();
    await postMessages(server.url);
    const healthy = async (): Promise<boolean> =>
      (await call(server.url, "/providers"))
        .json()
        .providers.find((provider: { name: string }) => provider.name === "down").healthy;
    expect(await healthy()).toBe(false);
    write([second, first], "  failure_cooldown: 90\n");
    expect((await post(server.url)).status).toBe(200);
    expect(await healthy()).toBe(false);
    write([{ ...first, key: "sk-test-another-key-0002" }, second]);
    expect((await post(server.url)).status).toBe(200);
    expect(await healthy()).toBe(true);
  });

  it("with ?reset=true closes every circuit", async () => {
    await using down = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(402) });
    write([{ name: "down", url: down.url }]);
    await using server = await start();
    await postMessages(server.url);
    expect((await call(server.url, "/health")).status).toBe(503);
    expect((await post(server.url)).status).toBe(200);
    expect((await call(server.url, "/health")).status).toBe(503);
    expect((await post(server.url, "/providers/reload?reset=true")).json()).toMatchObject({
      status: "ok",
      reset: true,
    });
    expect((await call(server.url, "/health")).status).toBe(200);
  });

  it("of a broken file is a 422 that names file, line and column, and changes nothing", async () => {
    await using up = await startFakeUpstream({ dialect: "anthropic" });
    write([{ name: "up", url: up.url }]);
    await using server = await start();
    for (const content of [
      "providers: [",
      "",
      "providers: []\n",
      "providers:\n  - {name: x}\nsettings:\n  prot: 1\n",
    ]) {
      writeRaw(content);
      const reply = await post(server.url);
      expect(reply.status).toBe(422);
      expect(reply.json()).toMatchObject({ status: "error", error: expect.any(String) });
      expect(reply.json().problems.length).toBeGreaterThan(0);
      // An excerpt too, where the problem has a place within the file.
      expect(reply.json().problems[0]).toMatchObject({
        file: join(folder, "providers.yaml"),
        line: expect.any(Number),
        column: expect.any(Number),
        message: expect.any(String),
      });
      expect((await postMessages(server.url)).status).toBe(200);
    }
    rmSync(join(folder, "providers.yaml"));
    expect((await post(server.url)).status).toBe(422);
    expect((await postMessages(server.url)).status).toBe(200);
  });

  it("cannot open the server to others, and swaps keys and hosts at once", async () => {
    await using up = await startFakeUpstream({ dialect: "anthropic" });
    write([{ name: "up", url: up.url }]);
    await using server = await start();
    write([{ name: "up", url: up.url }], "  host: 0.0.0.0\n");
    expect((await post(server.url)).status).toBe(422);
    write(
      [{ name: "up", url: up.url }],
      "  auth: {enabled: true, api_keys: [0123456789abcdef-key]}\n  allowed_hosts: [mine.example]\n",
    );
    expect((await post(server.url)).status).toBe(200);
    expect((await postMessages(server.url)).status).toBe(401);
    expect(
      (await postMessages(server.url, {}, { "x-api-key": "0123456789abcdef-key", host: "mine.example" })).status,
    ).toBe(200);
  });

  it("names the settings that need a restart", async () => {
    await using up = await startFakeUpstream({ dialect: "anthropic" });
    write([{ name: "up", url: up.url }]);
    await using server = await start();
    write([{ name: "up", url: up.url }], "  drain_timeout: 5\n  log_level: DEBUG\n");
    expect((await post(server.url)).json().restart_needed).toEqual([]);
    writeRaw(
      `providers:\n  - {name: up, type: anthropic, base_url: "${up.url}", auth_type: api_key, auth_value: "sk-1234567890", big_model: passthrough, small_model: passthrough}\nsettings:\n  port: 1234\n`,
    );
    expect((await post(server.url)).json().restart_needed).toEqual(["port", "log_file", "usage_folder"]);
  });

  it("leaves streams under way untouched, even when their provider is gone from the file", async () => {
    await using old = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: paced(text("one two three four five six seven"), 10),
    });
    await using next = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("next") });
    write([{ name: "old", url: old.url }]);
    await using server = await start();
    const streams = Array.from({ length: 5 }, () => postMessages(server.url, { stream: true }));
    await old.request(5);
    write([{ name: "next", url: next.url }]);
    expect((await post(server.url)).status).toBe(200);
    expect((await postMessages(server.url)).headers["x-ccpb-provider"]).toBe("next");
    for (const { body, headers } of await Promise.all(streams)) {
      expect(headers["x-ccpb-provider"]).toBe("old");
      expect(body).toMatch(/message_stop\ndata: .*\n\n$/);
    }
  });

  it("storm under load loses no request: good and broken files in turn, from many sides at once", async () => {
    await using one = await startFakeUpstream({ dialect: "anthropic" });
    await using two = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: paced(text("one two three"), 2),
    });
    const entries = [
      { name: "one", url: one.url },
      { name: "two", url: two.url },
    ];
    write(entries);
    await using server = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    let isStorming = true;
    let answered = 0;
    const client = async (index: number): Promise<void> => {
      while (isStorming) {
        const stream = (index + answered) % 2 === 0;
        const request = httpRequest(`${server.url}/v1/messages`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          agent,
        });
        request.end(messagesBody({ stream }));
        const [response] = (await once(request, "response")) as [IncomingMessage];
        let body = "";
        for await (const chunk of response) body += String(chunk);
        expect(response.statusCode).toBe(200);
        expect(body).toContain(stream ? "message_stop" : '"stop_reason":"end_turn"');
        answered += 1;
      }
    };
    const clients = Array.from({ length: 16 }, (_, index) => client(index));
    const results = new Map<number, number>();
    for (let round = 0; round < 40; round += 1) {
      if (round % 5 === 4) writeRaw("providers: [");
      else write(round % 2 === 0 ? entries : entries.toReversed(), `  failure_cooldown: ${60 + round}\n`);
      for (const { status } of await Promise.all([
        post(server.url),
        post(server.url),
        server.reload().then(({ type }) => ({ status: type === "applied" ? 200 : 422 })),
      ])) {
        results.set(status, (results.get(status) ?? 0) + 1);
      }
    }
    isStorming = false;
    await Promise.all(clients);
    agent.destroy();
    expect(answered).toBeGreaterThan(100);
    expect(Object.fromEntries(results)).toEqual({ 200: 96, 422: 24 });
  });

  it("comes by itself when the file changes", async () => {
    await using up = await startFakeUpstream({ dialect: "anthropic" });
    write([{ name: "up", url: up.url }]);
    await using server = await start({ watch: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
    write([{ name: "changed", url: up.url }]);
    const name = async (): Promise<string> => (await call(server.url, "/providers")).json().current_provider;
    let seen = "";
    void (async () => {
      while (seen !== "changed") seen = await name();
    })();
    await until(() => seen === "changed");
  });
});
