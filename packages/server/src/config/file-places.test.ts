import { linkSync, mkdirSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TemporaryFolder } from "../../test/temporary-folder.ts";
import { loadConfig } from "./config-file.ts";
import { ConfigError } from "./problems.ts";

const provider = `providers:
  - name: one
    type: anthropic
    base_url: https://api.example.com
    big_model: passthrough
    small_model: passthrough
`;
const key = `${provider}    auth_value: sk-ant-0123456789abcdef\n`;

/** Returns the problems that a start reports of a configuration in a folder: place, severity and message, without the folder's own path. */
function saidIn(
  folder: TemporaryFolder,
  content: string,
  env: Readonly<Record<string, string>> = {},
): readonly string[] {
  folder.write("providers.yaml", content);
  const options = { cwd: folder.path, home: folder.path, env };
  const problems = (): readonly { severity: string; message: string; line?: number }[] => {
    try {
      return loadConfig(options).warnings;
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  };
  return problems()
    .filter(({ message }) => !message.includes("readable") && !message.includes("every user"))
    .map(({ severity, message, line }) => `${line ?? "-"} ${severity}: ${message.replaceAll(`${folder.path}/`, "")}`);
}

/** A folder with one of everything that can stand where a file is named. */
function populated(): TemporaryFolder {
  const folder = new TemporaryFolder();
  mkdirSync(join(folder.path, "folder"));
  folder.write("file", "text");
  symlinkSync("loop", join(folder.path, "loop"));
  symlinkSync("folder", join(folder.path, "to-folder"));
  return folder;
}

const long = "x".repeat(300);

describe("each setting that names a file or a folder", () => {
  it.each([
    // It is written to: made where it is not there.
    ["log_file", "folder", "error: settings.log_file: folder is a folder; name a file in it"],
    ["log_file", "folder/", "error: settings.log_file: folder is a folder; name a file in it"],
    ["log_file", "to-folder", "error: settings.log_file: to-folder is a folder; name a file in it"],
    ["log_file_path", "folder", "error: settings.log_file_path: folder is a folder; name a file in it"],
    [
      "log_file",
      "file/x.jsonl",
      "error: settings.log_file: file/x.jsonl cannot be made: file is a file; name another place",
    ],
    ["log_file", "file/a/x.jsonl", "error: settings.log_file: file/a/x.jsonl cannot be made: file is a file; name"],
    ["log_file", "loop", "error: settings.log_file: loop is a symbolic link that leads to itself"],
    ["log_file", long, `error: settings.log_file: ${long} is too long for a path`],
    ["usage_folder", "file", "error: settings.usage_folder: file is a file; name a folder"],
    ["usage_folder", "file/usage", "error: settings.usage_folder: file/usage cannot be made: file is a file"],
    ["usage_folder", "loop", "error: settings.usage_folder: loop is a symbolic link that leads to itself"],
    // It is read.
    ["tls", "{cert: folder, key: file}", "error: settings.tls.cert: folder is a folder; name the file in it"],
    ["tls", "{cert: file, key: none.pem}", "error: settings.tls.key: none.pem does not exist; check the path"],
    ["tls", "{cert: file, key: loop}", "error: settings.tls.key: loop is a symbolic link that leads to itself"],
  ])("settings.%s: %s", (setting, value, message) => {
    using folder = populated();
    const said = saidIn(folder, `${key}settings:\n  ${setting}: ${value}\n`);
    expect(said).toEqual([expect.stringContaining(message)]);
    expect(said[0]).toMatch(/^9 /);
  });

  it.each([
    [
      "auth_type: file\n    auth_file: folder",
      "auth_file: folder is a folder; name the file in it; requests fail until",
    ],
    ["auth_type: file\n    auth_file: none", "auth_file: none does not exist; check the path; requests fail until"],
    [
      "auth_type: command\n    auth_command: [/none/token]",
      "auth_command: /none/token does not exist; correct the path",
    ],
    ["auth_type: command\n    auth_command: [/]", "auth_command: / is a folder; name the program in it"],
    [
      "auth_type: command\n    auth_command: [~/bin/token]",
      "auth_command: ~/bin/token is run without a shell, which alone",
    ],
  ])("%s is a warning, since the other providers serve", (lines, message) => {
    using folder = populated();
    const said = saidIn(folder, `${provider}    ${lines}\n`);
    expect(said).toEqual([expect.stringContaining(`warning: provider "one": ${message}`)]);
    expect(
      saidIn(
        folder,
        `${provider}    ${lines}\n    enabled: false\n${key.replace("providers:\n", "").replace("one", "two")}`,
      ),
    ).toEqual([]);
  });

  it("LOG_FILE_PATH is told as what it is", () => {
    using folder = populated();
    expect(saidIn(folder, key, { LOG_FILE_PATH: join(folder.path, "folder") })).toEqual([
      "- error: settings.log_file: folder is a folder; name a file in it",
    ]);
  });

  it.each([
    "log_file: file",
    "log_file: new/folders/x.jsonl",
    'log_file: ""',
    "log_file: /dev/null",
    "usage_folder: folder",
    "usage_folder: new/folders",
    'usage_folder: ""',
    "log_file: folder/x.jsonl\n  usage_folder: folder",
  ])("%s can be used", (line) => {
    using folder = populated();
    expect(saidIn(folder, `${key}settings:\n  ${line}\n`)).toEqual([]);
  });

  it.skipIf(process.platform === "win32")("a socket is no log", async () => {
    using folder = populated();
    const socket = createServer().listen(join(folder.path, "socket"));
    await once(socket, "listening");
    expect(saidIn(folder, `${key}settings:\n  log_file: socket\n`)).toEqual([
      expect.stringContaining("error: settings.log_file: socket is a socket"),
    ]);
    socket.close();
  });
});

describe("a log file with another use", () => {
  const auth = "    auth_type: file\n    auth_file: file\n";
  const tls = "    auth_value: sk-ant-0123456789abcdef\n    tls: {ca: file}\n";
  it.each([
    [key, "log_file: providers.yaml", "providers.yaml is also the configuration itself, and log lines would be added"],
    [key, "log_file: same", "same is also the configuration itself"],
    [`${provider}${auth}`, "log_file: file", 'file is also provider "one": auth_file, and log lines'],
    [`${provider}${auth}`, "log_file: linked", 'linked is also provider "one": auth_file, and log lines'],
    [`${provider}${tls}`, "log_file: file", 'file is also provider "one": tls.ca, and log lines'],
    [key, "tls: {cert: file, key: file2}\n  log_file: file", "file is also settings.tls.cert, and log lines"],
    [key, "tls: {cert: file, key: file2}\n  log_file: file2", "file2 is also settings.tls.key, and log lines"],
    [key, "tls: {cert: x.2, key: file2}\n  log_file: x", "its rotated file x.2 is also settings.tls.cert, and would"],
    [key, "log_file: new/usage", "new/usage is also the folder of the ledger, new/usage (settings.usage_folder)"],
    [key, "log_file: new\n  usage_folder: new", "new is also the folder of the ledger, new (settings"],
    [key, "log_file: new\n  usage_folder: new/a/b", "new is to be a folder for the folder of the ledger, new/a/b"],
    [
      key,
      "log_file: folder/usage-2026-11.jsonl\n  usage_folder: folder",
      "is a file of the ledger, which is in its folder",
    ],
    [key, "log_file: folder/usage.id\n  usage_folder: to-folder", "is a file of the ledger, which is in its folder"],
    [key, "log_file: new/usage-2026-11.jsonl\n  usage_folder: new", "is a file of the ledger, which is in its folder"],
  ])("%# %s%s", (providers, settings, message) => {
    using folder = populated();
    folder.write("file2", "text");
    folder.write("x.2", "text");
    linkSync(join(folder.path, "file"), join(folder.path, "linked"));
    symlinkSync("providers.yaml", join(folder.path, "same"));
    expect(saidIn(folder, `${providers}settings:\n  ${settings}\n`)).toEqual([
      expect.stringMatching(/^\d+ error: settings\.log_file: /),
    ]);
    expect(saidIn(folder, `${providers}settings:\n  ${settings}\n`)[0]).toContain(message);
  });
});
