import { body, startFakeUpstream, text } from "@ccpb/fake-upstream";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { provider, startTestServer } from "../running-server.ts";

const mapped = { type: "openai", bigModel: "gpt-6.1", smallModel: "gpt-6.1" } as const;

/** What OpenAI answers to a member that a model which thinks does not take. */
const refusal = (param: string) =>
  body(
    JSON.stringify({
      error: {
        message: `Unsupported parameter: '${param}' is not supported with this model.`,
        type: "invalid_request_error",
        param,
        code: "unsupported_parameter",
      },
    }),
    { status: 400 },
  );

describe("a client of OpenAI's APIs whose model is mapped to one that takes less", () => {
  it("is served at once, and the log says what was changed", async () => {
    await using upstream = await startFakeUpstream({
      dialect: "openai",
      defaultBehaviour: ({ body: sent }) => {
        const refused = ["max_tokens", "temperature"].find((name) => JSON.stringify(sent).includes(`"${name}"`));
        return refused === undefined ? text("served") : refusal(refused);
      },
    });
    await using server = await startTestServer({ providers: [provider("up", upstream.url, mapped)] });
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "x", maxRetries: 0 });
    for (const stream of [false, true]) {
      const answer = await client.chat.completions.create({
        model: "gpt-4o",
        max_tokens: 50,
        temperature: 0.2,
        messages: [{ role: "user", content: "x" }],
        stream,
      });
      let said = "";
      if ("choices" in answer) said = answer.choices[0]?.message.content ?? "";
      else for await (const chunk of answer) said += chunk.choices[0]?.delta.content ?? "";
      expect(said).toBe("served");
    }
    expect(upstream.requests).toHaveLength(2);
    expect(upstream.requests[0]?.body).toMatchObject({ model: "gpt-6.1", max_completion_tokens: 50 });
    const lines = JSON.stringify(server.lines("provider_request"));
    expect(lines).toContain("max_tokens sent as max_completion_tokens for gpt-6.1");
    expect(lines).toContain("temperature dropped for gpt-6.1");
  });
});
