import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { RawClient } from "../test/raw-client.ts";
import { type Dialect, drop, refuse, startFakeUpstream, text } from "./index.ts";

const paths: Record<Dialect, string> = {
  anthropic: "/v1/messages",
  openai: "/v1/chat/completions",
  bedrock: "/model/some-model/invoke",
  vertex: "/v1/projects/p/locations/global/publishers/anthropic/models/some-model:rawPredict",
};
const ask = { model: "some-model", max_tokens: 10, messages: [{ role: "user", content: "Hi" }] };

describe.each(["anthropic", "openai", "bedrock", "vertex"] as const)("a fake %s upstream", (dialect) => {
  it("plays its script in order, then its default", async () => {
    await using upstream = await startFakeUpstream({ dialect, script: [text("one"), text("two")] });
    upstream.setDefault(text("ever after"));
    using client = new RawClient(upstream.port);
    for (const [index, expected] of ["one", "two", "ever after", "ever after"].entries()) {
      client.reads.length = 0;
      client.post(paths[dialect], ask);
      await client.whole();
      expect(client.status).toBe(200);
      expect(client.body).toContain(`"${expected}"`);
      expect(upstream.requests).toHaveLength(index + 1);
    }
    expect(upstream.pending).toBe(0);
    expect(upstream.accepted).toBe(1);
  });

  it("lets a behaviour be a function of the request", async () => {
    await using upstream = await startFakeUpstream({
      dialect,
      script: [(request) => text(`You said ${JSON.stringify(request.body).length}`)],
    });
    using client = new RawClient(upstream.port);
    client.post(paths[dialect], ask);
    await client.whole();
    expect(client.body).toContain(`You said ${JSON.stringify(ask).length}`);
  });

  it("records what it is sent, byte for byte", async () => {
    await using upstream = await startFakeUpstream({ dialect });
    using client = new RawClient(upstream.port);
    const body = '{ "model":"m",\n "stream" : false, "é": "ü" }';
    client.socket.write(
      `POST ${paths[dialect]}?beta=true HTTP/1.1\r\nHost: here\r\nX-Api-Key: one\r\nX-Two: a\r\nx-two: b\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    const request = await upstream.request(1);
    expect(request).toMatchObject({
      method: "POST",
      path: paths[dialect],
      query: "?beta=true",
      headers: { host: "here", "x-api-key": "one", "x-two": "a, b" },
      body: { model: "m", é: "ü" },
      number: 1,
      connection: 1,
      onConnection: 1,
      aborted: false,
    });
    expect(request.rawHeaders).toContainEqual(["X-Api-Key", "one"]);
    expect(Buffer.from(request.rawBody).toString("utf8")).toBe(body);
  });

  it("reads a body in chunks, and one that comes byte by byte", async () => {
    await using upstream = await startFakeUpstream({ dialect });
    using client = new RawClient(upstream.port);
    const head = `POST ${paths[dialect]} HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n`;
    for (const byte of `${head}9\r\n{"model":\r\n4\r\n"m"}\r\n0\r\n\r\n`) {
      client.socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await upstream.request(1)).body).toEqual({ model: "m" });
    await client.whole();
    expect(client.status).toBe(200);
  });

  it("answers pipelined requests in their order", async () => {
    await using upstream = await startFakeUpstream({ dialect, script: [text("first"), text("second")] });
    using client = new RawClient(upstream.port);
    client.post(paths[dialect], ask);
    client.post(paths[dialect], ask);
    await client.until(() => client.text.includes("second"));
    expect(client.text.indexOf("first")).toBeLessThan(client.text.indexOf("second"));
    expect(upstream.requests.map((request) => request.onConnection)).toEqual([1, 2]);
  });

  it("notes when a client leaves, and only then", async () => {
    await using upstream = await startFakeUpstream({ dialect, script: [drop("stall"), drop("reset"), text("fine")] });
    using leaver = new RawClient(upstream.port);
    leaver.post(paths[dialect], ask);
    const left = await upstream.request(1);
    expect(left.aborted).toBe(false);
    leaver.socket.destroy();
    await left.ended;
    expect(left.aborted).toBe(true);
    expect(left.abortedAtMs).toBeGreaterThanOrEqual(left.receivedAtMs);
    for (const number of [2, 3]) {
      using client = new RawClient(upstream.port);
      client.post(paths[dialect], ask);
      const request = await upstream.request(number);
      await request.ended;
      expect(request.aborted).toBe(false);
    }
  });

  it("answers 404 on other paths without using up the script", async () => {
    await using upstream = await startFakeUpstream({ dialect, script: [refuse(500)] });
    upstream.setRoute("/v1/other", refuse(418));
    for (const [path, status] of [
      ["/v1/else", 404],
      ["/v1/other", 418],
      [paths[dialect], 500],
    ] as const) {
      using client = new RawClient(upstream.port);
      client.post(path, ask);
      await client.whole();
      expect(client.status).toBe(status);
    }
  });

  it("refuses connections while it is down, and comes up on the same port", async () => {
    await using upstream = await startFakeUpstream({ dialect });
    using open = new RawClient(upstream.port);
    await open.connected();
    const { port } = upstream;
    await upstream.goDown();
    expect(await open.ended()).toBeDefined();
    const refused = connect(port, "127.0.0.1");
    const [error] = await once(refused, "error");
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
    await upstream.comeUp();
    expect(upstream.port).toBe(port);
    using client = new RawClient(port);
    client.post(paths[dialect], ask);
    await client.whole();
    expect(client.status).toBe(200);
  });

  it("ends or ignores connections as its mode says", async () => {
    await using upstream = await startFakeUpstream({ dialect });
    for (const mode of ["reset", "fin"] as const) {
      upstream.setConnectionMode(mode);
      using client = new RawClient(upstream.port);
      expect(await client.ended()).toBe(mode);
    }
    upstream.setConnectionMode("ignore");
    using client = new RawClient(upstream.port);
    client.post(paths[dialect], ask);
    expect(await client.isSilentFor(30)).toBe(true);
    expect(upstream.requests).toHaveLength(0);
  });

  it("counts its connections and destroys them when it closes", async () => {
    const upstream = await startFakeUpstream({ dialect, script: [drop("stall")] });
    using client = new RawClient(upstream.port);
    client.post(paths[dialect], ask);
    await upstream.request(1);
    expect(upstream.connections).toBe(1);
    await upstream.close();
    await client.ended();
    expect(upstream.connections).toBe(0);
  });

  it("answers 400 to bytes that are no HTTP", async () => {
    await using upstream = await startFakeUpstream({ dialect });
    using client = new RawClient(upstream.port);
    client.socket.write("EHLO here\r\n\r\n");
    await client.ended();
    expect(client.status).toBe(400);
    expect(upstream.requests).toHaveLength(0);
  });
});

describe("counting tokens", () => {
  it("is answered by an anthropic upstream, as told, apart from the script", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", script: [refuse(500)] });
    const counts: [number, string][] = [];
    for (const behaviour of [undefined, refuse(404), refuse(500)]) {
      if (behaviour) upstream.setCountTokens(behaviour);
      using client = new RawClient(upstream.port);
      client.post("/v1/messages/count_tokens", ask);
      await client.whole();
      counts.push([client.status, client.body]);
    }
    expect(counts[0]).toEqual([200, JSON.stringify({ input_tokens: Math.ceil(JSON.stringify(ask).length / 4) })]);
    expect(counts.map(([status]) => status)).toEqual([200, 404, 500]);
    expect(upstream.pending).toBe(1);
  });

  it("is unknown to an openai upstream", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai" });
    using client = new RawClient(upstream.port);
    client.post("/v1/messages/count_tokens", ask);
    await client.whole();
    expect(client.status).toBe(404);
  });
});
