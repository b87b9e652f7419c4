import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { startFakeUpstream, text } from "@ccpb/fake-upstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { App } from "../../src/app/app.ts";
import type { ActiveConfig } from "../../src/config/config-file.ts";
import { check } from "../../src/cli/check.ts";
import { createServer, defaultServerSettings } from "../../src/app/create-server.ts";
import { openLog } from "../../src/log/logger.ts";
import type { ServerSettings } from "../../src/config/server-settings.ts";
import { secretsOf } from "../../src/config/secrets.ts";
import { startServer } from "../../src/app/start-server.ts";
import { call, messagesBody, postMessages, provider } from "../running-server.ts";
import { secureRequest } from "../secure-request.ts";

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "../fixtures");
const ownKey = "own-key-0123456789abcdef";
const oldSecret = "old-provider-secret-0001";
const newSecret = "new-provider-secret-0002";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ccpb-atomic-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function install(name: "first" | "second"): { cert: string; key: string } {
  const tls = { cert: join(folder, `${name}.cert.pem`), key: join(folder, `${name}.key.pem`) };
  copyFileSync(join(fixtures, `${name}.cert.pem`), tls.cert);
  copyFileSync(join(fixtures, `${name}.key.pem`), tls.key);
  return tls;
}

function settings(change: Partial<ServerSettings>): ServerSettings {
  return { ...defaultServerSettings, port: 0, drainTimeoutMs: 0, ...change };
}

/** The value, whose every property calls `onRead` when it is read, at any depth. */
function watched<Value extends object>(value: Value, onRead: () => void): Value {
  return new Proxy(value, {
    get(target, name, receiver) {
      onRead();
      const found: unknown = Reflect.get(target, name, receiver);
      return typeof found === "object" && found !== null ? watched(found, onRead) : found;
    },
  });
}

describe("a reload whose preparation throws", () => {
  it("at any read of the configuration leaves access rules, certificate, providers, metrics and log as they were", async () => {
    await using first = await startFakeUpstream({ dialect: "anthropic" });
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const old: ActiveConfig = {
      config: {
        providers: [provider("old", first.url, { auth: { type: "api_key", keys: [oldSecret] } })],
        settings: { failureCooldownMs: 1_000 },
      },
      server: settings({
        tls: install("first"),
        logLevel: "DEBUG",
        auth: { apiKeys: [ownKey], exemptPaths: [] },
      }),
    };
    const next: ActiveConfig = {
      config: {
        providers: [
          provider("new", second.url, {
            auth: { type: "api_key", keys: [newSecret] },
            proxy: "http://user:pass@127.0.0.1:9",
            headers: { "x-extra-key": "extra-secret" },
          }),
          provider("other", second.url),
        ],
        settings: { failureCooldownMs: 2_000 },
      },
      server: settings({ tls: install("second"), logLevel: "ERROR", metrics: false, allowedHosts: ["x.example"] }),
      warnings: [{ file: null, message: "a warning", severity: "warning" }],
    };
    let logged = "";
    const console = new PassThrough().on("data", (chunk: Buffer) => (logged += chunk.toString()));
    const log = openLog({ level: "DEBUG", file: null, console, secrets: secretsOf(old) });
    let reads = 0;
    let throwAt = Number.POSITIVE_INFINITY;
    const load = (): ActiveConfig =>
      watched(next, () => {
        reads += 1;
        if (reads === throwAt) throw new Error(`injected at read ${reads}`);
      });
    const app = new App({ active: old, log, load });
    const url = await app.listen();

    const seen = async (): Promise<unknown> => {
      logged = "";
      const open = await secureRequest(url, "/v1/messages", { body: messagesBody() });
      const { provider: served, certificate } = await secureRequest(url, "/v1/messages", {
        key: ownKey,
        body: messagesBody(),
      });
      const metrics = await secureRequest(url, "/metrics", { key: ownKey });
      app.log.write("ERROR", "server_error", `${oldSecret} ${newSecret}`);
      return {
        withoutKey: open.status,
        certificate,
        provider: served,
        metrics: metrics.status,
        debugLines: logged.includes('"DEBUG"'),
        masked: logged
          .split("\n")
          .find((line) => line.includes("server_error"))
          ?.match(/"message":"(.*)"/)?.[1],
        cooldown: app.config.settings?.failureCooldownMs,
      };
    };
    const before = await seen();
    expect(before).toEqual({
      withoutKey: 401,
      certificate: "first test certificate",
      provider: "old",
      metrics: 200,
      debugLines: true,
      masked: `[redacted] ${newSecret}`,
      cooldown: 1_000,
    });

    for (throwAt = 1; ; throwAt += 1) {
      reads = 0;
      const { type, message } = await app.reload({ reset: true });
      if (type === "applied") break;
      expect(message).toBe(`injected at read ${throwAt}`);
      expect([app.config, app.settings], message).toEqual([old.config, old.server]);
      // What is half in force stays so: requests need not look after each of hundreds of faults.
      if (throwAt % 8 === 0) expect(await seen(), message).toEqual(before);
    }
    expect(throwAt).toBeGreaterThan(40);
    throwAt = Number.POSITIVE_INFINITY;
    const open = await secureRequest(url, "/metrics", {});
    expect(open).toMatchObject({ status: 404, certificate: "second test certificate" });
    await app.close(0);
  });

  it("in its file's proxy, certificate, key, host or shared state leaves the server closed to strangers", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    const { cert, key } = install("first");
    const other = install("second");
    const broken = join(folder, "broken.pem");
    writeFileSync(broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    const yaml = (settings: string, provider = "", name = "two"): string =>
      `providers:\n  - {name: ${name}, type: anthropic, base_url: "${upstream.url}", auth_type: api_key, auth_value: "sk-test-1234567890abcdef", big_model: passthrough, small_model: passthrough${provider}}\nsettings:\n  port: 0\n  log_file: ""\n${settings}`;
    const auth = `  auth: {enabled: true, api_keys: [${ownKey}]}\n`;
    const file = join(folder, "providers.yaml");
    const write = (content: string): void => writeFileSync(file, content, { mode: 0o600 });
    // Each of them is without `auth`: put into force, even in part, it would open the server.
    const refused: readonly (readonly [string, string])[] = [
      ["a % in the proxy's password", yaml("", ', proxy: "http://u:%zz@127.0.0.1:9"')],
      ["half a UTF-8 sequence in the proxy's user", yaml("", ', proxy: "http://%ff:p@127.0.0.1:9"')],
      ["a missing certificate", yaml(`  tls: {cert: "${folder}/none.pem", key: "${key}"}\n`)],
      ["a certificate that is none", yaml(`  tls: {cert: "${broken}", key: "${key}"}\n`)],
      ["the key of another certificate", yaml(`  tls: {cert: "${cert}", key: "${other.key}"}\n`)],
      ["another host", yaml("  host: 0.0.0.0\n")],
      ["a Redis URL that is none", yaml("  shared_state: {redis: 'http://x'}\n")],
      ["a prefix that Redis cannot have", yaml("  shared_state: {redis: 'redis://127.0.0.1:9', prefix: 'a b'}\n")],
    ];
    write(yaml(auth, "", "one"));
    const server = await startServer({ cwd: folder, home: folder, env: {}, watch: false });
    try {
      for (const [what, content] of refused) {
        write(content);
        const options = { method: "POST", headers: { "x-api-key": ownKey } };
        const { status } = await call(server.url, "/providers/reload", options);
        expect(status, what).toBe(422);
        expect((await postMessages(server.url)).status, what).toBe(401);
        const served = await postMessages(server.url, {}, { "x-api-key": ownKey });
        expect(served.headers["x-ccpb-provider"], what).toBe("one");
        await expect(check(file, {}), `check: ${what}`).rejects.toMatchObject({ code: "configuration" });
      }
    } finally {
      await server.close(0);
    }
  });

  it("changes nothing for the reload after it, where configurations are given as data", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const config = { providers: [provider("one", upstream.url)] };
    const server = createServer({ config, settings: { port: 0, auth: { apiKeys: [ownKey], exemptPaths: [] } } });
    const url = await server.listen();
    const bad = { providers: [provider("bad", upstream.url, { proxy: "http://u:%zz@127.0.0.1:9" })] };
    const refused = await server.reload(bad, { auth: { apiKeys: [], exemptPaths: [] } });
    expect(refused).toMatchObject({ type: "rejected", message: expect.stringContaining('provider "bad"') });
    expect((await server.reload(config)).type).toBe("applied");
    expect((await postMessages(url)).status).toBe(401);
    await server.close(0);
  });

  it("cannot be split in two: a host that needs a restart does not excuse the next file from having keys", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const config = { providers: [provider("one", upstream.url)] };
    const auth = { apiKeys: [ownKey], exemptPaths: [] };
    const server = createServer({ config, settings: { host: "0.0.0.0", port: 0, auth } });
    const moved = await server.reload(config, { host: "127.0.0.1" });
    expect(moved).toMatchObject({ type: "applied", restartNeeded: ["host"] });
    const opened = await server.reload(config, { host: "127.0.0.1", auth: { ...auth, apiKeys: [] } });
    expect(opened).toMatchObject({ type: "rejected", message: expect.stringContaining("0.0.0.0") });
    expect(await server.reload(config, { host: "127.0.0.1" })).toMatchObject({ restartNeeded: ["host"] });
    await server.close(0);
  });
});
