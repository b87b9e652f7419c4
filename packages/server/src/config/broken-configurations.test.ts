import { expect, test } from "vitest";
import { TemporaryFolder } from "../../test/temporary-folder.ts";
import { good } from "../../test/told-problems.ts";
import { loadConfig } from "./config-file.ts";
import { ConfigError, renderProblems, type LocatedProblem } from "./problems.ts";

function changed(from: string | RegExp, to: string): string {
  const text = good.replace(from, to);
  if (text === good) throw new Error("the change changes nothing");
  return text;
}

function failWith(content: string | Uint8Array, env: Record<string, string> = {}): readonly LocatedProblem[] {
  using folder = new TemporaryFolder();
  folder.write("providers.yaml", content);
  try {
    loadConfig({ cwd: folder.path, home: folder.path, env });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.filter((problem) => problem.severity === "error");
    throw error;
  }
  return [];
}

const bomb = `x-a: &a [x,x,x,x,x,x,x,x,x,x]
x-b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]
x-c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]
x-d: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]
${good}`;

// What is wrong, the file, and each problem as line:column and message.
const table: readonly (readonly [string, string, ...(readonly [string, RegExp])[]])[] = [
  ["an empty file", "", ["1:1", /^the file is empty; copy providers.example.yaml/]],
  ["nothing but comments", "# nothing\n---\n", ["1:1", /^the file is empty/]],
  ["a list at the top", "- a\n", ["1:1", /must be a section with the key providers, not a list/]],
  ["a text at the top", "hello\n", ["1:1", /must be a section with the key providers, not a text; see/]],
  [
    "a tab for indentation",
    "providers:\n\t- name: a\n",
    ["2:1", /^a tab stands where the line is indented; write spaces/],
  ],
  ["a tab after spaces", "providers:\n  - name: a\n  \ttype: x\n", ["3:3", /^a tab stands/]],
  ["one space too many", "providers:\n  - name: a\n     type: x\n", ["3:6", /^this line is indented differently/]],
  ["one space too few", "providers:\n  - name: a\n   type: x\n", ["3:4", /^this line is indented differently/]],
  [
    "a list's keys without indentation",
    "providers:\n  - name: a\n  type: x\n",
    ["3:3", /^this line is indented differently/],
  ],
  [
    "an open double quote",
    'providers:\n  - name: "a\n    type: x\n',
    ["2:11", /^a quote that opens here is never closed/],
  ],
  ["an open single quote", "settings:\n  host: 'a\n", ["2:9", /^a quote that opens here is never closed/]],
  ["text after a quote", 'settings:\n  host: "a" b\n', ["2:13", /^text follows after a closing quote/]],
  ["a colon too few", "providers:\n  - name a\n    type: x\n", ["2:5", /^a colon is missing after the key/]],
  ["a colon without a space", "providers:\n  - name:a\n    type: x\n", ["2:5", /^a space is missing after the colon/]],
  ["a colon too many", "providers:\n  - name: a: b\n", ["2:11", /^a text with ": " in it must be in quotes$/]],
  [
    "an open bracket",
    "providers: [{name: a, type: x]\n",
    ["1:30", /^a \{ or \[ that was opened before is not closed here/],
  ],
  [
    "a reference between braces",
    "providers: [{name: a, auth_value: ${K}}]\n",
    ["1:35", /^\$\{…\} between \{ \} or \[ \] must be in quotes/],
  ],
  [
    "a pattern without quotes",
    `${good}    models:\n      *opus*: x\n`,
    ["10:7", /^a text that begins with \* is an alias in YAML; put it in quotes/],
  ],
  [
    "a pattern without quotes between braces",
    `${good}    models: {*opus*: x}\n`,
    ["9:14", /^a text that begins with \*/],
  ],
  ["an alias of nothing", `${good}    models: *nowhere\n`, ["9:13", /^a text that begins with \*/]],
  ["a value that begins with @", "settings:\n  host: @x\n", ["2:9", /^a value cannot begin with this character/]],
  ["a backslash", 'settings:\n  log_file: "C:\\logs"\n', ["2:16", /^a backslash between double quotes/]],
  ["a tag", `${good}settings: !python/object {}\n`, ["9:11", /^tags .* mean nothing here/]],
  ["a key twice", `${good}settings:\n  port: 1\n  port: 2\n`, ["11:3", /^this key stands twice in its section/]],
  ["a section twice", `${good}${good}`, ["9:1", /^this key stands twice/]],
  ["two documents", `${good}---\na: 1\n`, ["9:1", /^a second document begins here/]],
  ["a key that is a list", "? [a]\n: b\n", ["1:3", /^a key must be a plain word/]],
  ["an alias bomb", bomb, ["1:6", /^aliases \(\*\) in this file stand for more than 100 copies/]],
  ["an alias of itself", "providers: &a\n  - *a\n  - *a\n", ["2:5", /holds too much/]],
  ["brackets without end", `a: ${"[".repeat(20_000)}`, ["1:*", /^sections lie inside sections too deep/]],
  [
    "a merge of no section",
    "providers: []\nsettings:\n  <<: 5\n",
    ["3:3", /^a << in this file merges something that is no section/],
  ],
  [
    "a mistyped key",
    changed("auth_value", "auth_valu"),
    ["6:5", /^"auth_valu" is no key in provider "anthropic"; did you mean auth_value\?$/],
  ],
  ["a mistyped setting", `${good}settings:\n  fialure_cooldown: 5\n`, ["10:3", /did you mean failure_cooldown\?$/]],
  ["a mistyped section", `${good}setings:\n  port: 5\n`, ["9:1", /did you mean settings\?$/]],
  [
    "a mistyped value",
    changed("type: anthropic", "type: antropic"),
    ["3:11", /type is "antropic"; did you mean anthropic\?/],
  ],
  [
    "a value that is missing",
    changed(" https://api.anthropic.com", ""),
    ["4:5", /base_url has no value; write one such as https/],
  ],
  ["a key that is missing", changed(/ {4}base_url.*\n/, ""), ["2:5", /^provider "anthropic" has no base_url; add one/]],
  [
    "a model that is missing",
    changed(/ {4}big_model.*\n/, ""),
    ["2:5", /^provider "anthropic" has no big_model; set big_model or "passthrough"$/],
  ],
  ["no providers", "settings:\n  port: 1\n", ["1:1", /has no providers/]],
  ["no enabled provider", `${good}    enabled: false\n`, ["1:1", /^no provider is enabled/]],
  [
    "a name twice",
    `${good}${good.replace("providers:\n", "")}`,
    ["9:11", /names must be unique.* \(the first is in line 2\)$/],
  ],
  ["an unset variable", changed(/sk-ant-\S+/, "${NOT_SET}"), ["6:17", /the environment variable NOT_SET is not set/]],
  ["an open variable", changed(/sk-ant-\S+/, "${NOT_SET"), ["6:17", /auth_value has a \$\{ without its \}/]],
  ["an empty key", changed(/sk-ant-\S+/, '""'), ["6:17", /auth_value is empty/]],
  [
    "a URL without a scheme",
    changed("https://api", "api"),
    ["4:15", /must begin with https:\/\/ or http:\/\/; write "https:\/\/api.anthropic.com"$/],
  ],
  [
    "a URL with a password",
    changed("https://", "https://me:secretword@"),
    ["4:15", /base_url holds a user name or password/],
  ],
  [
    "a metadata address",
    changed("https://api.anthropic.com", "http://2852039166"),
    ["4:15", /base_url leads to 169.254.169.254/],
  ],
  ["a port out of range", `${good}settings:\n  port: 99999\n`, ["10:9", /settings.port is 99999; write at most 65535/]],
  ["a port in words", `${good}settings:\n  port: eighty\n`, ["10:9", /settings.port must be a number, not "eighty"/]],
  ["a host open to all", `${good}settings:\n  host: 0.0.0.0\n`, ["10:9", /lets other machines use your keys/]],
  [
    "a short key",
    `${good}settings:\n  host: 0.0.0.0\n  auth:\n    api_keys: [short]\n`,
    ["12:16", /has 5 characters; write at least 16/],
  ],
  [
    "a header with a line break",
    `${good}    headers:\n      X-One: "a\\nb"\n`,
    ["10:14", /headers.X-One holds a character that no header can carry/],
  ],
  [
    "a list in place of a section",
    `${good}settings:\n  - port: 1\n`,
    ["9:1", /^settings must be a section of keys, not a list/],
  ],
  [
    "a route to nobody",
    `${good}model_routes:\n  "*opus*":\n    - provider: antropic\n      model: x\n`,
    ["11:17", /no provider has that name; did you mean "anthropic"\?$/],
  ],
  [
    "tls without its file",
    `${good}settings:\n  tls: {cert: nowhere.pem, key: nowhere.pem}\n`,
    ["10:15", /settings.tls.cert: \S+nowhere.pem does not exist/],
    ["10:33", /settings.tls.key/],
  ],
  [
    "a value behind an alias",
    `x-port: &port 99999\n${good}settings:\n  port: *port\n`,
    ["11:9", /settings.port is 99999/],
  ],
  [
    "a value that was merged",
    `x-common: &common\n  weight: heavy\n${good}    <<: *common\n`,
    ["2:11", /weight must be a number/],
  ],
  [
    "several at once",
    `${changed("type: anthropic", "type: x")}settings:\n  port: -1\n  wat: 1\n`,
    ["3:11", /type is "x"/],
    ["10:9", /port is -1/],
    ["11:3", /"wat" is no key in settings/],
  ],
  [
    "a double key and a wrong value",
    `${good}settings:\n  port: 1\n  port: x\n`,
    ["11:3", /stands twice/],
    ["11:9", /must be a number/],
  ],
];

test.each(table.map(([what, content, ...expected]) => ({ what, content, expected })))(
  "$what",
  ({ content, expected }) => {
    const found = failWith(content);
    expect(found.map((problem) => problem.message)).toHaveLength(expected.length);
    for (const [index, [place, message]] of expected.entries()) {
      const problem = found[index]!;
      expect(problem.message).toMatch(message);
      const [line, column] = place.split(":");
      expect(problem.line).toBe(Number(line));
      if (column !== "*") expect(problem.column).toBe(Number(column));
    }
  },
);

test("bytes that are not UTF-8 are found with their line", () => {
  const bytes = new Uint8Array([...Buffer.from("settings:\n  host: caf"), 0xe9, 0x0a]);
  expect(failWith(bytes)).toMatchObject([
    { line: 2, column: 12, message: expect.stringMatching(/not UTF-8/) as string },
  ]);
  expect(failWith(new Uint8Array([0xff, 0xfe, 0x61, 0x00]))[0]?.message).toMatch(/UTF-16; save it as UTF-8/);
  expect(failWith(Buffer.from("providers:", "utf16le"))[0]?.message).toMatch(
    /as a binary file does, or UTF-16 .*; save it as text in UTF-8/,
  );
  expect(failWith(new Uint8Array([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]))[0]?.message).toMatch(/UTF-32; save it as UTF-8/);
});

test("a byte order mark and Windows line ends do no harm, also to positions", () => {
  expect(failWith(`\ufeff${good.replaceAll("\n", "\r\n")}`)).toEqual([]);
  const [problem] = failWith(`\ufeff${changed("type: anthropic", "type: x").replaceAll("\n", "\r\n")}`);
  expect(problem).toMatchObject({ line: 3, column: 11, excerpt: { text: "    type: x" } });
});

test("a file that is too large, or a folder, is not read", () => {
  expect(failWith(`# ${"x".repeat(1024 * 1024)}\n`)[0]?.message).toMatch(/^the file is larger than 1 MB/);
});

test("the rendering names the file, shows the line and points at the place", () => {
  const problems = failWith(`${changed("type: anthropic", "type: antropic")}settings:\n  prot: 1\n`);
  const text = renderProblems(
    problems.map((problem) => ({ ...problem, file: "/etc/ccpb/providers.yaml" })),
    { cwd: "/etc" },
  );
  expect(text)
    .toBe(`ccpb/providers.yaml:3:11: error: provider "anthropic": type is "antropic"; did you mean anthropic? Write anthropic, openai, bedrock or vertex
    3 |     type: antropic
      |           ^^^^^^^^

ccpb/providers.yaml:10:3: error: "prot" is no key in settings; did you mean port?
   10 |   prot: 1
      |   ^^^^

2 errors
`);
});

test("the error's own message holds the first problem and its place", () => {
  const error = new ConfigError(failWith(changed(/ {4}big_model.*\n/, "")));
  expect(error.message).toMatch(
    /^provider "anthropic" has no big_model; set big_model or "passthrough" \(\/.*providers.yaml:2:5\)$/,
  );
  expect(error.code).toBe("configuration");
});

test("the caret stands under its place behind wide characters", () => {
  const [problem] = failWith(`${good}model_routes: {"名前": [{provider: nobody, model: x}]}\n`);
  expect(problem?.column).toBe(34);
  // Two characters, four cells.
  expect(problem?.excerpt?.caret).toBe(35);
});
