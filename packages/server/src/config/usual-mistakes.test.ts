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
