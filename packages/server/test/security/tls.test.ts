import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createTlsServer, request as httpsRequest } from "node:https";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { CcpbError } from "@ccpb/core";
import { startFakeUpstream } from "@ccpb/fake-upstream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchTls } from "../../src/http/watch-tls.ts";
import type { Log } from "../../src/log/log-types.ts";
import { createServer } from "../../src/app/create-server.ts";
import { createHttpTransport } from "../../src/transport/transport.ts";
import { messagesBody, provider, startTestServer } from "../running-server.ts";

// Self-signed for localhost, made for these tests alone.
const fixtures = join(dirname(fileURLToPath(import.meta.url)), "../fixtures");
const pem = (name: string): string => readFileSync(join(fixtures, name), "utf8");

let folder = "";
let tls = { cert: "", key: "" };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ccpb-tls-"));
  tls = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  install("first");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function install(name: string): void {
  copyFileSync(join(fixtures, `${name}.cert.pem`), tls.cert);
  copyFileSync(join(fixtures, `${name}.key.pem`), tls.key);
}

async function subjectOf(port: number): Promise<string> {
  const socket: TLSSocket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

describe("HTTPS", () => {
  it("takes a renewed certificate by itself, and keeps the one before while the files cannot be used", () => {
    vi.useFakeTimers();
    const lines: string[] = [];
    const used: string[] = [];
    const faults: string[] = [];
    const log = { write: (_level: string, event: string, message: string) => lines.push(`${event} ${message}`) };
    try {
      using _watch = watchTls({
        settings: () => ({ tls }),
        material: { cert: readFileSync(tls.cert), key: readFileSync(tls.key) },
        onChange: ({ cert }) => used.push(cert.toString()),
        onFault: (reason) => faults.push(reason),
        log: log as unknown as Log,
      });
      vi.advanceTimersByTime(20_000);
      // The certificate is written before its key.
      copyFileSync(join(fixtures, "second.cert.pem"), tls.cert);
      vi.advanceTimersByTime(10_000);
      expect([used, lines]).toEqual([[], []]);
      install("second");
      vi.advanceTimersByTime(20_000);
      expect(used).toEqual([pem("second.cert.pem")]);
      writeFileSync(tls.cert, "no certificate");
      vi.advanceTimersByTime(60_000);
      rmSync(tls.cert);
      vi.advanceTimersByTime(60_000);
      install("first");
      vi.advanceTimersByTime(10_000);
    } finally {
      vi.useRealTimers();
    }
    expect(used).toEqual([pem("second.cert.pem"), pem("first.cert.pem")]);
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["config_reloaded", "config_warning", "config_reloaded"]);
    expect(faults).toEqual([expect.stringContaining("no certificate with its key in PEM")]);
  });

  it("is served with settings.tls, and a reload brings a new certificate without a restart", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const config = { providers: [provider("one", upstream.url)] };
    await using server = await startTestServer(config, { tls });
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const request = httpsRequest(`${server.url}/v1/messages`, {
      method: "POST",
      ca: pem("first.cert.pem"),
      headers: { "content-type": "application/json" },
      agent: false,
    });
    request.end(messagesBody());
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(200);
    expect(await subjectOf(server.port)).toBe("first test certificate");
    install("second");
    expect((await server.server.reload(config)).type).toBe("applied");
    expect(await subjectOf(server.port)).toBe("second test certificate");
    writeFileSync(tls.cert, "not a certificate");
    expect((await server.server.reload(config)).type).toBe("rejected");
    expect(await subjectOf(server.port)).toBe("second test certificate");
  });

  it("does not start with files that are no certificate and key, and says which", () => {
    writeFileSync(tls.key, "not a key");
    const start = (): unknown =>
      createServer({
        config: {
          providers: [provider("one", "https://one.test", { enabled: false })],
        },
        settings: { tls },
      });
    expect(start).toThrow(CcpbError);
    expect(start).toThrow(tls.key);
  });

  it("upstream is checked: an unknown certificate is a failure to connect, a known one is not", async () => {
    const upstream = createTlsServer(
      { cert: pem("first.cert.pem"), key: pem("first.key.pem") },
      (incoming, response) => {
        incoming.resume();
        incoming.on("end", () => response.end("{}"));
      },
    );
    upstream.listen(0, "127.0.0.1");
    await once(upstream, "listening");
    const url = `https://localhost:${(upstream.address() as AddressInfo).port}/v1/messages`;
    const request = { method: "POST", url, headers: { "content-length": "2" }, body: [Buffer.from("{}")] } as const;
    const options = { signal: new AbortController().signal, connectTimeoutMs: 30_000, freshSocket: false };
    const trusting = createHttpTransport({ tls: { ca: pem("first.cert.pem") } });
    for (const freshSocket of [false, false, true]) {
      const reply = await trusting.send(request, { ...options, freshSocket });
      for await (const chunk of reply.body) expect(Buffer.from(chunk).toString()).toBe("{}");
    }
    await expect(createHttpTransport().send(request, options)).rejects.toThrow(/self-signed certificate/);
    trusting.close();
    upstream.closeAllConnections();
    upstream.close();
  });
});
