import { refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { faultQuestion, testEveryFault, wordsOf } from "../node-http/fault-suite.ts";
import { serveWith } from "./balancer.ts";

const body = JSON.stringify({
  model: "claude-opus-5",
  max_tokens: 100,
  stream: true,
  messages: [{ role: "user", content: "Who are you?" }],
});

function requestTo(path: string, asked: string = body): Request {
  return new Request(`http://localhost:3000${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: asked,
  });
}

describe("the Next.js example", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  it("streams from the second provider when the first is overloaded, and asks it first from then on", async () => {
    await using anthropic = await startFakeUpstream({ dialect: "anthropic", script: [refuse(529)] });
    await using openrouter = await startFakeUpstream({ dialect: "openai", defaultBehaviour: text("Here I am.") });
    vi.stubEnv("ANTHROPIC_UPSTREAM", anthropic.url);
    vi.stubEnv("ANTHROPIC_API_KEY", "sk-first");
    vi.stubEnv("OPENROUTER_UPSTREAM", openrouter.url);
    vi.stubEnv("OPENROUTER_API_KEY", "sk-second");
    const { POST } = await import("./app/v1/[...path]/route.ts");

    const response = await POST(requestTo("/v1/messages"));
    expect(response.status).toBe(200);
    expect(response.headers.get("x-ccpb-provider")).toBe("openrouter");
    expect(await response.text()).toContain("event: message_stop");
    expect(anthropic.requests[0]?.headers["x-api-key"]).toBe("sk-first");
    expect(openrouter.requests[0]?.headers["authorization"]).toBe("Bearer sk-second");
    expect(openrouter.requests[0]?.body).toMatchObject({ model: "anthropic/claude-opus-5.5" });

    await (await POST(requestTo("/v1/messages"))).text();
    expect([anthropic.requests.length, openrouter.requests.length]).toEqual([1, 2]);
  });

  it("counts tokens", async () => {
    await using anthropic = await startFakeUpstream({ dialect: "anthropic" });
    vi.stubEnv("ANTHROPIC_UPSTREAM", anthropic.url);
    vi.stubEnv("ANTHROPIC_API_KEY", "sk-first");
    vi.stubEnv("OPENROUTER_API_KEY", "sk-second");
    const { POST } = await import("./app/v1/[...path]/route.ts");
    const response = await POST(requestTo("/v1/messages/count_tokens"));
    expect(response.status).toBe(200);
    expect(((await response.json()) as { input_tokens: number }).input_tokens).toBeGreaterThan(0);
  });

  it("lists models and takes probes", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", "sk-first");
    vi.stubEnv("OPENROUTER_API_KEY", "sk-second");
    const { GET } = await import("./app/v1/[...path]/route.ts");
    const list = (await (await GET(new Request("http://localhost:3000/v1/models"))).json()) as {
      data: { id: string }[];
    };
    expect(list.data.map(({ id }) => id)).toContain("anthropic/claude-opus-5.5");
    const hello = await import("./app/api/hello/route.ts");
    expect((await hello.GET(new Request("http://localhost:3000/api/hello", { method: "HEAD" }))).status).toBe(200);
    const health = await import("./app/health/route.ts");
    expect(health.GET().status).toBe(200);
  });

  it("names the variable that is not set", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", "");
    const { POST } = await import("./app/v1/[...path]/route.ts");
    expect(() => POST(requestTo("/v1/messages"))).toThrow("Set ANTHROPIC_API_KEY");
  });

  testEveryFault(async (balancer, { stream }) => {
    const response = await serveWith(balancer)(requestTo("/v1/messages", JSON.stringify({ ...faultQuestion, stream })));
    return wordsOf(await response.text());
  });
});
