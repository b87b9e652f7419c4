import { describe, expect, it } from "vitest";
import { Balancer } from "../balancer/balancer.ts";
import type { Transport } from "../base/transport.ts";
import { createFetch, type Fetch } from "./fetch.ts";
import { modelsPage, modelsView } from "./models.ts";

const balancer = new Balancer({
  providers: [
    {
      name: "a",
      type: "openai",
      baseUrl: "https://a.test/v1",
      auth: { type: "api_key", keys: ["key"] },
      bigModel: "vendor/big",
      smallModel: "vendor/small",
      models: [{ pattern: "claude-opus-5", model: "vendor/opus" }],
    },
  ],
});
const unasked: Transport = () => Promise.reject(new Error("not to be asked"));
const passed: string[] = [];
const otherwise: Fetch = async (input, init) => {
  passed.push(`${init?.method ?? "GET"} ${input instanceof Request ? input.url : String(input)}`);
  return new Response("{}");
};

describe("the list of models", () => {
  it("names what the configuration names, and pages as Anthropic's does", () => {
    const models = modelsView(balancer);
    expect(models.map(({ id }) => id)).toEqual(["claude-opus-5", "vendor/opus", "vendor/big", "vendor/small"]);
    expect(modelsPage(models, new URLSearchParams("limit=2"))).toMatchObject({
      has_more: true,
      last_id: "vendor/opus",
    });
    expect(modelsView(balancer, { mayUse: () => false })).toEqual([]);
    expect(modelsView(balancer, { served: ["claude-x"] }).at(-1)?.id).toBe("claude-x");
  });

  it.each(["https://api.anthropic.com/v1/models", "https://a.test/proxy/v1/models?limit=1000"])(
    "is what createFetch answers to %s, without asking a provider",
    async (url) => {
      const response = await createFetch(balancer, unasked)(url);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ object: "list", data: { length: 4 } });
    },
  );

  it("has an entry for each of its models, and 404 for others", async () => {
    const serve = createFetch(balancer, unasked);
    for (const id of ["vendor%2Fbig", "claude-opus-5"]) {
      const response = await serve(`https://a.test/v1/models/${id}`);
      expect(await response.json()).toMatchObject({ type: "model", id: decodeURIComponent(id) });
    }
    const missing = await serve("https://a.test/v1/models/gpt-0");
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ type: "error", error: { type: "not_found_error" } });
  });
});

describe("what the balancer does not serve", () => {
  it.each([
    ["GET", "https://api.anthropic.com/v1/files"],
    ["POST", "https://api.anthropic.com/v1/messages/batches"],
    ["GET", "https://api.anthropic.com/v1/messages/batches/b_1"],
    ["DELETE", "https://api.anthropic.com/v1/files/f_1"],
    ["POST", "https://api.openai.com/v1/embeddings"],
    ["GET", "https://api.anthropic.com/v1/messages"],
  ])("%s %s goes to `otherwise` as it is, and is a 404 without it", async (method, url) => {
    passed.length = 0;
    const init = { method };
    await createFetch(balancer, unasked, { otherwise })(url, init);
    await createFetch(balancer, unasked, { otherwise })(new URL(url), init);
    expect(passed).toEqual([`${method} ${url}`, `${method} ${url}`]);
    const request = new Request(url, { method });
    let given: unknown;
    await createFetch(balancer, unasked, { otherwise: async (input) => ((given = input), new Response()) })(request);
    expect(given).toBe(request);
    expect((await createFetch(balancer, unasked)(url, init)).status).toBe(404);
  });

  it.each([
    ["POST", "https://api.openai.com/v1/embeddings"],
    ["POST", "https://api.openai.com/v1/images/generations"],
    ["GET", "https://api.openai.com/v1/chat/completions"],
    ["GET", "https://api.openai.com/v1/chat/completions/chatcmpl-1/messages"],
    ["POST", "https://api.openai.com/v1/responses/resp_1/nothing"],
  ])("%s %s is a 404 in OpenAI's shape that tells of no missing model", async (method, url) => {
    const reply = await createFetch(balancer, unasked)(url, { method });
    expect(reply.status).toBe(404);
    expect(await reply.json()).toEqual({
      error: {
        message: expect.stringContaining(new URL(url).pathname),
        type: "invalid_request_error",
        param: null,
        code: null,
      },
    });
  });

  it("goes nowhere else: what it serves is never passed on", async () => {
    passed.length = 0;
    const serve = createFetch(balancer, unasked, { otherwise });
    await serve("https://api.anthropic.com/v1/models");
    await serve("https://api.anthropic.com/v1/messages", { method: "post", body: "{}" });
    await serve("https://api.anthropic.com/v1/messages/count_tokens", { method: "POST", body: "{}" });
    expect(passed).toEqual([]);
  });
});
