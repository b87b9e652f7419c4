import {
  type BehaviourSource,
  type RecordedRequest,
  refuse,
  startFakeUpstream,
  text,
  thinking,
  tools,
} from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it } from "vitest";
import { askAbilities, costText, type ModelAbilities } from "../../src/cli/ask-abilities.ts";
import { questions } from "../../src/cli/ability-questions.ts";
import { provider } from "../running-server.ts";
import { buildBinary, Workspace } from "./ccpb-process.ts";
import { runCcpb } from "./run-ccpb.ts";

const model = "hcp-latest";
type Body = Readonly<Record<string, unknown>>;
const bodyOf = ({ body }: RecordedRequest): Body => (typeof body === "object" && body !== null ? { ...body } : {});

/** Does all that it is asked for, as a good model does. */
const able: BehaviourSource = (request) => {
  const said = JSON.stringify(request.body);
  const body = bodyOf(request);
  if (body["tools"] !== undefined) return tools({ name: "get_weather", input: { city: "Paris" } });
  if (said.includes("BANANA")) return text("4 BANANA");
  if (said.includes("Which colour")) return text("Red.");
  if (said.includes("Which word")) return text("MANGO");
  if (said.includes("leap year")) return thinking("366, since …", "366");
  return body["response_format"] !== undefined || said.includes("json_schema")
    ? text('{"city":"Paris"}')
    : text("Hello.");
};

/** As `able`, but what `wording` answers is refused with it. */
const refusing =
  (wording: (said: string, body: Body) => string | undefined): BehaviourSource =>
  (request) => {
    const message = wording(JSON.stringify(request.body), bodyOf(request));
    return message === undefined ? (typeof able === "function" ? able(request) : able) : refuse(400, { message });
  };

async function abilitiesOf(
  behaviour: BehaviourSource,
  change = {},
): Promise<ModelAbilities & { readonly asked: number }> {
  await using upstream = await startFakeUpstream({ dialect: "openai", defaultBehaviour: behaviour });
  const one = provider("relay", upstream.url, {
    type: "openai",
    bigModel: model,
    smallModel: model,
    dialect: "chat",
    ...change,
  });
  const [found] = await askAbilities({ providers: [one] });
  if (found === undefined) throw new Error("nobody was asked");
  return { ...found, asked: upstream.requests.length };
}

const outcomes = ({ abilities }: ModelAbilities): Record<string, string> =>
  Object.fromEntries(abilities.map(({ id, outcome }) => [id, outcome]));
const all = (outcome: string): Record<string, string> => Object.fromEntries(questions.map(({ id }) => [id, outcome]));

describe("the abilities of a model", () => {
  it("are asked for one by one, and what it takes beyond what is assumed is written down", async () => {
    const found = await abilitiesOf(able);
    expect(outcomes(found)).toEqual(all("yes"));
    expect(found.asked).toBe(questions.length);
    expect(found.profile).toBe(
      "profile: { mid_system: system, tool_schema: json-schema, strict_tools: true, files: true, reasoning: openai }",
    );
  });

  it("leave nothing to write where all is as assumed", async () => {
    const profile = {
      midSystem: "system",
      toolSchema: "json-schema",
      strictTools: true,
      files: true,
      reasoning: "openai",
    };
    expect((await abilitiesOf(able, { profile })).profile).toBeNull();
  });

  it.each<readonly [string, string, (said: string, body: Body) => string | undefined, string]>([
    [
      "system-turn",
      "mid_system",
      (said) =>
        said.includes('"role":"system","content":"End') ? "System message must be at the beginning." : undefined,
      "",
    ],
    [
      "image",
      "images: false",
      (said) => (said.includes("image_url") ? "This model does not support image input" : undefined),
      "",
    ],
    [
      "forced-tool",
      "tool_choice: auto",
      (_, { tool_choice: choice }) =>
        choice !== undefined && choice !== "auto" ? "tool_choice only supports auto" : undefined,
      "",
    ],
    [
      "json-schema",
      "json_schema: false",
      (said) => (said.includes('"json_schema"') ? "This response_format type is unavailable now" : undefined),
      "",
    ],
    [
      "sampling",
      "omit: [temperature",
      (_, { temperature }) =>
        temperature === undefined
          ? undefined
          : "Unsupported parameter: 'temperature' is not supported with this model.",
      "",
    ],
    [
      "strict-tool",
      "strict_tools",
      (said) => (said.includes('"strict":true') ? "Tools with mixed values for 'strict' are not allowed." : undefined),
      "",
    ],
  ])("tell of a refusal in the provider's words, with the line that follows: %s", async (id, member, wording) => {
    const found = await abilitiesOf(refusing(wording));
    expect(found.abilities.find((ability) => ability.id === id)).toMatchObject({
      outcome: "no",
      detail: expect.stringContaining("client-error"),
    });
    const isAssumed = id === "system-turn" || id === "strict-tool";
    if (isAssumed) expect(found.profile).not.toContain(member);
    else expect(found.profile).toContain(member);
  });

  it("tell of what is taken and not heeded", async () => {
    const found = await abilitiesOf(text("I do not know."));
    expect(outcomes(found)).toEqual({ ...all("no"), stream: "yes", sampling: "yes" });
    expect(found.abilities.find(({ id }) => id === "image")?.detail).toBe("it was taken, but not seen");
    expect(found.profile).toBe("profile: { tool_choice: auto, images: false, json_schema: false }");
  });

  it("are not asked any further after a failure that is no refusal", async () => {
    const found = await abilitiesOf(refuse(401, { message: "bad key" }));
    expect(outcomes(found)).toEqual({ ...all("skipped"), stream: "failed" });
    expect(found.asked).toBe(1);
    expect(found.profile).toBeNull();
  });

  it("never cost more requests than was said", async () => {
    let count = 0;
    const found = await abilitiesOf(() => {
      count += 1;
      return refuse(400, {
        message: `Unknown parameter: '${["stream", "tools", "temperature", "top_p"][count % 4]}'.`,
      });
    });
    expect(found.asked).toBeLessThanOrEqual(questions.length * 4);
  });

  it("of a relay of the Messages API are asked in its form", async () => {
    const behaviour = refusing((said) =>
      said.includes('"type":"image"') ? "image blocks are not supported" : undefined,
    );
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: behaviour });
    const [found] = await askAbilities({
      providers: [provider("relay", upstream.url, { bigModel: model, smallModel: model })],
    });
    expect(found && outcomes(found)).toEqual({ ...all("yes"), image: "no" });
    expect(found?.profile).toBe("profile: { images: false }");
  });
});

it("the cost is said beforehand, by models", () => {
  const two = provider("relay", "http://127.0.0.1:9", { type: "openai", bigModel: "big", smallModel: "small" });
  const whole = costText({
    providers: [two, provider("login", "http://127.0.0.1:9", { auth: { type: "passthrough" } })],
  });
  expect(whole).toMatch(
    /^asking 2 models for abilities: 11 questions, up to 4 requests each .* at most 14\.\dk output tokens in all/,
  );
});

describe("ccpb check --live --abilities", () => {
  beforeAll(buildBinary);

  it("prints tables and lines, as JSON too, and wants --live", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai", defaultBehaviour: able });
    using space = new Workspace();
    space.write(
      "providers.yaml",
      `providers:\n  - {name: relay, type: openai, base_url: "${upstream.url}", auth_type: api_key, auth_value: sk-test-1234567890, big_model: big, small_model: small, dialect: chat}\n`,
    );
    const { code, stdout, stderr } = await runCcpb(space, ["check", "--live", "--abilities"]);
    expect(code).toBe(0);
    expect(stderr).toContain("asking 2 models for abilities");
    expect(stdout).toContain("relay, small");
    expect(stdout.match(/profile: \{ mid_system: system/g)).toHaveLength(2);
    const json = await runCcpb(space, ["check", "--live", "--abilities", "--json"]);
    const { abilities } = JSON.parse(json.stdout);
    expect(abilities.map((one: ModelAbilities) => one.model)).toEqual(["small", "big"]);
    const alone = await runCcpb(space, ["check", "--abilities"]);
    expect(alone).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--abilities changes nothing without --live"),
    });
  });
});
