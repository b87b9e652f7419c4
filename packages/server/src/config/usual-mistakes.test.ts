import { describe, expect, it, test } from "vitest";
import { good, remedy, saidOf } from "../../test/told-problems.ts";

const key = "sk-ant-0123456789abcdef";
const byCommand = (command: string): string =>
  good.replace("auth_type: api_key", "auth_type: command").replace(/auth_value: .*/, `auth_command: ${command}`);

/** Mistakes that leave a file usable as far as anybody can tell: what is said, and where. */
const warned: readonly (readonly [file: string, place: string, message: RegExp])[] = [
  [
    good.replace(key, "sk-or-v1-0123456789"),
    "6:17",
    /key of OpenRouter, and base_url is the address of Anthropic; write/,
  ],
  [good.replace(key, "[sk-ant-0123456789, gsk_0123456789]"), "6:37", /key of Groq.*; write a key of Anthropic/],
  [good.replace(key, "ANTHROPIC_API_KEY"), "6:17", /name of a variable.*write \$\{NAME\}/],
  [good.replace(key, "[$ONE_KEY, MY_TOKEN]"), "6:18", /name of a variable/],
  [good.replace(key, "sk-ant-0123456789,sk-ant-9876543210"), "6:17", /holds a comma.*write several keys as a list/],
  [good.replace("api_key", "auth_token").replace(key, "sk-ant-api03-0123456789"), "6:17", /write auth_type: api_key/],
  [byCommand("[gcloud auth print-access-token]"), "6:5", /one word with spaces.*write each argument/],
  [byCommand('[cat, key.txt, "|", head, -1]'), "6:5", /without a shell, and its argument 2 .*write \[sh, -c/],
  [byCommand('[echo, "$(cat key.txt)"]'), "6:5", /argument 1 means something to a shell alone/],
  [
    good.replace("api.anthropic.com", "console.anthropic.com"),
    "4:15",
    /is a website of Anthropic.*write https:\/\/api/,
  ],
  ["providers:\n  - {name: b, type: bedrock, region: us-east-1a}\n", "2:38", /is a zone; write its region, us-east-1$/],
  [
    "providers:\n  - {name: v, type: vertex, project: my-p, region: us-east-1}\n",
    "2:52",
    /does not look like a region of Google Cloud; write one/,
  ],
];

describe("what is probably a mistake is warned of", () => {
  it.each(warned)("%s", (file, place, message) => {
    const said = saidOf(file);
    expect(said[0]?.[0]).toBe(place);
    expect(said[0]?.[1]).toMatch(message);
    expect(said[0]?.[1]).toMatch(remedy);
    // Keys are never quoted.
    expect(said.flat().join()).not.toMatch(/0123456789/);
  });

  it.each([
    byCommand("[gcloud, auth, print-access-token]"),
    byCommand('["C:\\\\Program Files\\\\tool.exe"]').replace("\\\\P", "\\\\P"),
    byCommand('[sh, -c, "cat key.txt | head -1"]'),
    byCommand('[/bin/bash, -c, "x", ";"]'),
    good.replace("api.anthropic.com", "relay.example.com").replace(key, "sk-or-v1-0123456789"),
  ])("and what may be meant is not: %s", (file) => {
    expect(saidOf(file)).toEqual([]);
  });
});

test.each(["sk-ant-api03-****", "sk-ant-...", "sk-ant-api03-***xyz"])(
  "%s is the placeholder of an example",
  (value) => {
    expect(saidOf(good.replace(key, JSON.stringify(value)))[0]?.[1]).toMatch(/placeholder of an example/);
  },
);

test.each(["https://https://api.anthropic.com", "http://https//api.anthropic.com", "https://https:api.anthropic.com"])(
  "%s has its scheme twice",
  (url) => {
    const said = saidOf(good.replace("https://api.anthropic.com", url));
    expect(said[0]?.[1]).toMatch(/base_url has (?:a scheme .* twice; remove one of them|a port that is no number)/);
  },
);

const lines = good.split("\n");

describe("a line that is indented wrongly is the one fault of the file", () => {
  // Every line of a provider, with a tab, and with a space too many or too few.
  it.each(
    [3, 4, 5, 6, 7, 8].flatMap((line) =>
      ["\t", "  \t", "    \t"].map((indentation) => ({ line, indentation: JSON.stringify(indentation) })),
    ),
  )("line $line with $indentation", ({ line, indentation }) => {
    const text = lines
      .map((one, index) => (index === line - 1 ? `${String(JSON.parse(indentation))}${one.trimStart()}` : one))
      .join("\n");
    expect(saidOf(text)).toEqual([
      [
        `${line}:${String(JSON.parse(indentation)).length}`,
        "a tab stands where the line is indented; write spaces, two a level",
      ],
    ]);
  });

  it.each([3, 4, 5, 6, 7, 8].flatMap((line) => [2, 3, 5, 6].map((spaces) => ({ line, spaces }))))(
    "line $line with $spaces spaces",
    ({ line, spaces }) => {
      const text = lines
        .map((one, index) => (index === line - 1 ? `${" ".repeat(spaces)}${one.trimStart()}` : one))
        .join("\n");
      const said = saidOf(text);
      expect(said.map(([place]) => place.split(":")[0])).toEqual([
        expect.stringMatching(new RegExp(`^${line}$|^${line - 1}$`)),
      ]);
      expect(said[0]?.[1]).toMatch(/indented|align/);
    },
  );

  it("and every line with a tab is named", () => {
    expect(saidOf(good.replaceAll("    ", "\t")).map(([place]) => place)).toEqual([
      "3:1",
      "4:1",
      "5:1",
      "6:1",
      "7:1",
      "8:1",
    ]);
  });
});

test("a printed configuration, whose secrets are ***, is no example", () => {
  expect(saidOf(good.replace(key, '"***"'))).toEqual([]);
});

test.each(["–", "—", "－", "−", "•", "‐"])("%s in the place of a hyphen is named", (dash) => {
  const said = saidOf(good.replace("- name", `${dash} name`));
  expect(said).toEqual([
    ["2:3", expect.stringMatching(/only looks like a hyphen \(., U\+[0-9A-F]{4}\).*; write "- "$/)],
  ]);
});

describe("a file of another program is named as such, at the key that shows it", () => {
  it.each([
    ["LiteLLM", "model_list:\n  - model_name: claude\nlitellm_settings: {drop_params: true}\n", "1:1"],
    ["claude-code-router", '{\n  "LOG": true,\n  "Providers": [],\n  "Router": {"default": "a,b"}\n}\n', "3:3"],
    ["Claude Code", '{"env": {"ANTHROPIC_BASE_URL": "https://api.example.com"}}', "1:2"],
    ["Codex", "model_providers:\n  acme: {}\n", "1:1"],
    ["opencode", '{"$schema": "https://opencode.ai/config.json", "provider": {}}', "1:2"],
    ["Docker Compose", "services:\n  ccpb: {image: ccpb}\n", "1:1"],
    ["Kubernetes", "apiVersion: v1\nkind: ConfigMap\ndata: {}\n", "1:1"],
    ["an MCP client", '{"mcpServers": {}}', "1:2"],
  ])("%s", (program, file, place) => {
    const said = saidOf(file);
    expect(said.map(([at]) => at)).toEqual([place]);
    expect(said[0]?.[1]).toContain(`this is a configuration of ${program}`);
    expect(said[0]?.[1]).toMatch(remedy);
  });

  it("and a configuration of ours with such a key beside its providers is not", () => {
    expect(saidOf(`${good}services: {}\n`)).toEqual([
      ["9:1", expect.stringMatching(/^"services" is no key at the top/)],
    ]);
  });

  it.each(["env: {A: b}", "services: {}", "$schema: https://example.com/providers.schema.json", "mcpServers: {}"])(
    "nor one whose providers stand under a mistyped key: %s",
    (line) => {
      const said = saidOf(`${good.replace("providers:", "provider:")}${line}\n`);
      expect(said[0]).toEqual(["1:1", expect.stringMatching(/^"provider" is no key .*did you mean providers/)]);
      expect(JSON.stringify(said)).not.toContain("this is a configuration of");
    },
  );
});

test("entries without providers: above them are told so, where the section behind them begins", () => {
  const bare = good
    .split("\n")
    .slice(1)
    .map((line) => line.slice(2))
    .join("\n");
  expect(saidOf(`# mine\n${bare}settings:\n  port: 8080\n`)[0]).toEqual([
    "9:1",
    expect.stringMatching(/stands without its key; write providers: above it/),
  ]);
});

describe("marks of other languages", () => {
  it.each([
    ["a fence of Markdown", `\`\`\`yaml\n${good}\`\`\`\n`, "1:1", /^this is a fence of Markdown/],
    ["a fence below", `${good}~~~\n`, "9:1", /^this is a fence of Markdown/],
    ["a variable of a template", good.replace(key, "{{ACME_KEY}}"), "6:17", /^\{\{…\}\} is how other programs/],
    ["a comment of JSON with comments", `{\n// mine\n"providers": []}`, "2:1", /^a comment of another language/],
  ])("%s", (_what, file, place, message) => {
    expect(saidOf(file)).toContainEqual([place, expect.stringMatching(message)]);
    expect(saidOf(file)[0]?.[1]).toMatch(remedy);
  });
});

test.each([
  "$ACME_KEY",
  "$(ACME_KEY)",
  "%ACME_KEY%",
  "!ACME_KEY!",
  "{{ACME_KEY}}",
  "env:ACME_KEY",
  "{env:ACME_KEY}",
  "$env:ACME_KEY",
  "env(ACME_KEY)",
  "env.ACME_KEY",
  "process.env.ACME_KEY",
  "os.environ/ACME_KEY",
  "os.environ['ACME_KEY']",
  "os.getenv('ACME_KEY')",
])("%s is a variable as other programs write it", (value) => {
  const said = saidOf(good.replace(key, JSON.stringify(value)));
  expect(said).toEqual([["6:17", expect.stringMatching(/looks like the name of a variable/)]]);
});

test.each(["ACME_KEY=sk-abc0123456789", "export ACME_KEY=sk-abc0123456789", "set ACME_KEY=sk-abc0123456789"])(
  "%s in the place of a key is a line of an env file",
  (value) => {
    const [said] = saidOf(good.replace(key, "${ACME}"), { ACME: value.replace(/^\w+ /, "") });
    expect(said?.[1]).toMatch(/begins with the name of a variable and =; write what stands behind/);
    expect(JSON.stringify(saidOf(good.replace(key, JSON.stringify(value))))).not.toContain("0123456789");
  },
);

test.each(["deepseek", "openrouter", "openai-compatible", "gemini", "ollama", "azure", "custom"])(
  "type %s is told that type is the API",
  (type) => {
    expect(saidOf(good.replace("type: anthropic", `type: ${type}`))[0]?.[1]).toMatch(
      /type is the API, not the vendor; write openai/,
    );
  },
);

test.each([
  ["bearer", "auth_token"],
  ["none", "api_key and any text"],
])("auth_type %s is told to write %s", (type, instead) => {
  expect(saidOf(good.replace("auth_type: api_key", `auth_type: ${type}`))[0]?.[1]).toContain(`write ${instead}`);
});

test.each(["chat", "models", "v1", "completions", "complete", "message", "embeddings"])(
  "a base_url that ends in /v1/%s is warned of",
  (end) => {
    const url = `https://relay.example.com/v1/${end}`;
    const file = good.replace("https://api.anthropic.com", url).replace("type: anthropic", "type: openai");
    expect(saidOf(file)).toEqual([["4:15", expect.stringContaining(`ends in /v1/${end}, and ccpb adds`)]]);
  },
);

test.each([
  ["openai", "/v1/messages", "", "anthropic"],
  ["anthropic", "/v1/chat/completions", "/v1", "openai"],
  ["anthropic", "/v1/responses", "/v1", "openai"],
])("type %s with %s is told which type that path belongs to", (type, path, rest, itsType) => {
  const file = good
    .replace("type: anthropic", `type: ${type}`)
    .replace("https://api.anthropic.com", `https://relay.example.com${path}`);
  expect(saidOf(file)).toContainEqual([
    "4:15",
    expect.stringMatching(new RegExp(`adds itself for type: ${itsType}; write https://relay\\.example\\.com${rest}$`)),
  ]);
});
