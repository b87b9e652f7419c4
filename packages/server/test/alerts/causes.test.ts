import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BalancerConfig } from "@ccpb/core";
import type { WebhookEvent } from "@ccpb/core/config";
import { type FakeUpstream, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it, vi } from "vitest";
import { webhookEvents } from "../../../core/src/config/webhooks-schema.ts";
import { startServer } from "../../src/app/start-server.ts";
import type { ServerSettings } from "../../src/config/server-settings.ts";
import { call, messagesBody, provider, startTestServer, type TestServer } from "../running-server.ts";
import { secureRequest } from "../secure-request.ts";
import { TemporaryFolder } from "../temporary-folder.ts";
import { type Receiver, startReceiver } from "./webhook-receiver.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const clientKey = "alice-key-000000001";

/** What a cause works with. */
interface Place {
  readonly folder: TemporaryFolder;
  readonly receiver: Receiver;
  readonly upstream: FakeUpstream;
}

/** One message, as the library of the standard has verified it. */
interface Told {
  readonly type: WebhookEvent;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Brings about, on a server that it starts, what a message is to tell of; resolves when nothing more has to be done. */
type Cause = (place: Place, whenTold: () => Promise<unknown>) => Promise<void>;

interface Row {
  readonly what: string;
  readonly cause: Cause;
  /** The messages, in their order. */
  readonly told: readonly { readonly type: WebhookEvent; readonly data: Readonly<Record<string, unknown>> }[];
}

const hookOf = ({ receiver }: Place) =>
  ({ url: receiver.url, secret, events: webhookEvents, format: "standard" }) as const;

async function withServer(
  place: Place,
  config: BalancerConfig,
  settings: Partial<ServerSettings>,
  use: (server: TestServer) => Promise<void>,
): Promise<void> {
  await using server = await startTestServer(config, { ...settings, webhooks: [hookOf(place)] });
  await use(server);
}

async function ask(server: TestServer, headers: Record<string, string> = {}): Promise<number> {
  const sent = { "content-type": "application/json", ...headers };
  return (await call(server.url, "/v1/messages", { method: "POST", headers: sent, body: messagesBody() })).status;
}

const fixtures = join(import.meta.dirname, "../fixtures");

/** A certificate and its key in the folder, which ends on 31 October 2126. */
function certificateIn(folder: TemporaryFolder): { cert: string; key: string } {
  const tls = { cert: join(folder.path, "cert.pem"), key: join(folder.path, "key.pem") };
  copyFileSync(join(fixtures, "first.cert.pem"), tls.cert);
  copyFileSync(join(fixtures, "first.key.pem"), tls.key);
  return tls;
}

const only = ({ upstream }: Place): BalancerConfig => ({
  providers: [provider("only", upstream.url)],
  settings: { lastResort: false },
});

const rows: readonly Row[] = [
  {
    what: "a provider refuses its key, and takes it again",
    cause: (place, whenTold) =>
      withServer(place, only(place), {}, async (server) => {
        place.upstream.script(refuse(401, { message: "invalid x-api-key" }));
        expect(await ask(server)).toBe(503);
        await place.receiver.until(3);
        server.balancer.reset();
        expect(await ask(server)).toBe(200);
        await whenTold();
      }),
    told: [
      { type: "credential.refused", data: { provider: "only", key: 1, reason: expect.stringContaining("401") } },
      { type: "provider.down", data: { provider: "only", cooldown_seconds: expect.any(Number) } },
      { type: "providers.all_down", data: { providers: ["only"], retry_in_seconds: expect.any(Number) } },
      { type: "provider.up", data: { provider: "only" } },
      { type: "providers.recovered", data: { provider: "only" } },
    ],
  },
  {
    what: "one of two providers cannot be reached",
    cause: async (place, whenTold) => {
      const providers = [provider("gone", "http://127.0.0.1:9"), provider("spare", place.upstream.url)];
      await withServer(place, { providers, settings: { unhealthyThreshold: 1 } }, {}, async (server) => {
        expect(await ask(server)).toBe(200);
        await whenTold();
      });
    },
    told: [{ type: "provider.down", data: { provider: "gone", reason: expect.stringContaining("ECONNREFUSED") } }],
  },
  {
    what: "a credential cannot be renewed ahead of the first call",
    cause: async (place, whenTold) => {
      const auth = {
        type: "renewed",
        source: { type: "command", command: [process.execPath, "-e", "process.exit(7)"] },
      } as const;
      const config = { providers: [provider("paid", place.upstream.url, { auth })] };
      await withServer(place, config, {}, async () => void (await whenTold()));
    },
    told: [{ type: "credential.expiring", data: { provider: "paid", reason: expect.stringMatching(/7/) } }],
  },
  {
    what: "a client has used 80 % and all of its budget",
    cause: async (place, whenTold) => {
      const alice = {
        name: "alice",
        key: clientKey,
        role: "client",
        models: ["*"],
        providers: ["*"],
        limits: {},
        priority: 0,
        budgets: [{ per: "month", timezone: "UTC", cost: {}, tokens: 1_000 }],
      } as const;
      const auth = { apiKeys: ["an-operator-key"], clients: [alice], exemptPaths: [] };
      await withServer(place, only(place), { auth }, async (server) => {
        const used = (outputTokens: number) => text("Hi", { usage: { inputTokens: 0, outputTokens } });
        place.upstream.script(used(850), used(200));
        expect(await ask(server, { "x-api-key": clientKey })).toBe(200);
        await place.receiver.until(1);
        expect(await ask(server, { "x-api-key": clientKey })).toBe(200);
        await whenTold();
        expect(await ask(server, { "x-api-key": clientKey })).toBe(400);
      });
    },
    told: [80, 100].map((percent) => ({
      type: "budget.reached",
      data: { client: "alice", percent, budget: "1000 tokens a month", resets_at: expect.stringMatching(/T00:00:00/) },
    })),
  },
  {
    what: "the file of the configuration is broken while the server runs",
    cause: async (place, whenTold) => {
      const file = place.folder.write("providers.yaml", yamlOf(place));
      const server = await startServer({ env: {}, cwd: place.folder.path, home: place.folder.path });
      writeFileSync(file, yamlOf(place).replace("type: anthropic", "type: antropic"));
      await whenTold();
      await server.close(0);
    },
    told: [{ type: "config.rejected", data: { problems: [expect.stringContaining("anthropic")] } }],
  },
  {
    what: "the server starts with a certificate that ends in ten days",
    cause: async (place, whenTold) => {
      vi.useFakeTimers({ toFake: ["Date"], now: new Date("2126-10-21T12:00:00Z") });
      await withServer(place, only(place), { tls: certificateIn(place.folder) }, async () => void (await whenTold()));
    },
    told: [
      {
        type: "certificate.expiring",
        data: { path: expect.stringContaining("cert.pem"), ends_at: "2126-10-31T08:01:28.000Z" },
      },
    ],
  },
  {
    what: "a renewed certificate is none",
    cause: async (place, whenTold) => {
      vi.useFakeTimers({ toFake: ["setInterval"] });
      const tls = certificateIn(place.folder);
      await withServer(place, only(place), { tls }, async (server) => {
        writeFileSync(tls.cert, "no certificate");
        await vi.advanceTimersByTimeAsync(60_000);
        await whenTold();
        // The one before is still in use.
        const path = "/health";
        expect((await secureRequest(server.url, path)).certificate).toBe("first test certificate");
      });
    },
    told: [
      {
        type: "certificate.rejected",
        data: { path: expect.stringContaining("cert.pem"), reason: expect.stringContaining("no certificate") },
      },
    ],
  },
  {
    what: "the log has no place to be written",
    cause: (place, whenTold) =>
      withServer(place, only(place), { logFile: join(import.meta.filename, "balancer.jsonl") }, async (server) => {
        expect(await ask(server)).toBe(200);
        await whenTold();
        // The counter shows it while it lasts.
        const metrics = (await call(server.url, "/metrics")).body;
        expect(Number(/^ccpb_log_lines_dropped_total (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0);
      }),
    told: [{ type: "log.lines_lost", data: { count: expect.any(Number) } }],
  },
];

function yamlOf(place: Place): string {
  return `settings:
  port: 0
  log_file: ""
  webhooks: [{url: ${place.receiver.url}, secret: ${secret}}]
providers:
  - name: only
    type: anthropic
    base_url: ${place.upstream.url}
    auth_type: api_key
    auth_value: sk-file-key-0001
    big_model: passthrough
    small_model: passthrough
`;
}

function verified({ messages }: Receiver): Told[] {
  return messages.map(
    ({ body, headers }) => new Webhook(secret).verify(body, headers as Record<string, string>) as Told,
  );
}

describe("a webhook, over a real socket, verified by the library of the standard", () => {
  afterEach(() => void vi.useRealTimers());

  it.each(rows)("is told that $what", async ({ cause, told }) => {
    using folder = new TemporaryFolder();
    await using receiver = await startReceiver();
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const types = told.map(({ type }) => type);
    let all: Told[] = [];
    await cause({ folder, receiver, upstream }, async () => {
      await receiver.until(told.length);
      all = verified(receiver);
    });
    expect(all.map(({ type }) => type)).toEqual(types);
    expect(all).toMatchObject(told);
    for (const { data } of all) expect(data["message"]).toMatch(/^[A-Z0-9].*[.”)]$|^The configuration was rejected/);
    // Nothing was told twice.
    expect(receiver.messages).toHaveLength(told.length);
    expect(receiver.messages.map(({ body }) => body).join("\n")).not.toMatch(/sk-|alice-key|secret-part|Hello/);
  });

  it("has a row for every event", () => {
    const shown = new Set(rows.flatMap(({ told }) => told.map(({ type }) => type)));
    expect([...shown].sort()).toEqual([...webhookEvents].sort());
  });
});
