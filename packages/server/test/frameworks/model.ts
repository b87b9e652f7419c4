import { answer, type BehaviourSource, claudeCode, offeredTools, startFakeUpstream, tools } from "@ccpb/fake-upstream";
import type { FakeUpstream } from "@ccpb/fake-upstream";
import { provider, startTestServer, type TestServer } from "../running-server.ts";

/** A model that calls `get_weather` twice at once, thinks, and then speaks; asked for a schema, or for a tool `json`, it answers with an object. */
const model: BehaviourSource = (request) => {
  // The AI SDK asks older models for an object by a tool of this name.
  const offered = offeredTools(request.body);
  if (offered.has("json")) return tools({ name: "json", input: { city: "Graz" } });
  const spoken = claudeCode({
    turns: [
      [
        { name: "get_weather", input: { city: "Graz" } },
        { name: "get_weather", input: { city: "Linz" } },
      ],
    ],
    text: "Sunny in Graz, rain in Linz.",
  });
  const behaviour = typeof spoken === "function" ? spoken(request) : spoken;
  if (behaviour.type !== "http" || behaviour.payload.type !== "answer") return behaviour;
  const { blocks } = behaviour.payload.answer;
  const isWords = blocks.every(({ type }) => type === "text") && offered.size > 0;
  return isWords ? answer([{ type: "thinking", thinking: "Both are in." }, ...blocks]) : behaviour;
};

/** How a provider is asked. */
export const dialects = ["chat", "responses", "messages"] as const;

export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly server: TestServer;
  readonly upstream: FakeUpstream;
  /** The bodies that the provider was sent, as text. */
  sent(): readonly string[];
}

/** A server in front of that model. */
export async function startStage(dialect: (typeof dialects)[number]): Promise<Stage> {
  const type = dialect === "messages" ? "anthropic" : "openai";
  const upstream = await startFakeUpstream({ dialect: type, defaultBehaviour: model });
  const named = provider("up", upstream.url, {
    type,
    bigModel: "some-model",
    smallModel: "some-model",
    ...(dialect !== "messages" && { dialect }),
  });
  const server = await startTestServer({ providers: [named] });
  return {
    url: server.url,
    server,
    upstream,
    sent: () => upstream.requests.map(({ body }) => JSON.stringify(body)),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** A picture of one pixel. */
export const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
