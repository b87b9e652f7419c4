import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TemporaryFolder } from "../../test/temporary-folder.ts";
import { findConfig, type FoundConfig } from "./find.ts";

function find(
  folder: TemporaryFolder,
  cwd: string,
  env: Record<string, string> = {},
  configPath?: string,
): FoundConfig {
  return findConfig({
    cwd: join(folder.path, cwd),
    home: join(folder.path, "home"),
    env,
    ...(configPath !== undefined && { configPath }),
  });
}

test("what --config names comes first, relative to the working folder, also if it is not there", () => {
  using folder = new TemporaryFolder();
  folder.write("a/providers.yaml", "");
  expect(find(folder, "a", { CCPB_CONFIG: "/x.yaml" }, "other.yaml")).toEqual({
    kind: "file",
    path: join(folder.path, "a/other.yaml"),
    asked: "--config",
  });
});

test("then CCPB_CONFIG, then the original's variable", () => {
  using folder = new TemporaryFolder();
  folder.write("a/providers.yaml", "");
  expect(find(folder, "a", { CCPB_CONFIG: "/x.yaml", PROVIDERS_CONFIG_PATH: "/y.yaml" })).toMatchObject({
    path: "/x.yaml",
  });
  expect(find(folder, "a", { CCPB_CONFIG: "", PROVIDERS_CONFIG_PATH: "/y.yaml" })).toEqual({
    kind: "file",
    path: "/y.yaml",
    asked: "PROVIDERS_CONFIG_PATH",
  });
});

test("providers.yaml comes before ccpb.yaml, and a folder before those above it", () => {
  using folder = new TemporaryFolder();
  folder.write(".git/HEAD", "");
  folder.write("providers.yaml", "");
  const below = folder.write("a/ccpb.yaml", "");
  expect(find(folder, "a")).toEqual({ kind: "file", path: below });
  const beside = folder.write("a/providers.yaml", "");
  expect(find(folder, "a")).toEqual({ kind: "file", path: beside });
});

test("folders above are asked up to the repository's root and no further", () => {
  using folder = new TemporaryFolder();
  const outside = folder.write("providers.yaml", "");
  folder.write("project/.git/HEAD", "");
  folder.write("project/a/b/file", "");
  expect(find(folder, "project/a/b")).toMatchObject({ kind: "none" });
  const root = folder.write("project/providers.yaml", "");
  expect(find(folder, "project/a/b")).toEqual({ kind: "file", path: root });
  expect(outside).not.toBe(root);
});

test("without a repository the outermost package.json marks the root", () => {
  using folder = new TemporaryFolder();
  folder.write("project/package.json", "{}");
  folder.write("project/packages/one/package.json", "{}");
  const root = folder.write("project/ccpb.yaml", "");
  expect(find(folder, "project/packages/one")).toEqual({ kind: "file", path: root });
});

test("outside of a project nothing above the working folder is read", () => {
  using folder = new TemporaryFolder();
  folder.write("providers.yaml", "");
  folder.write("a/file", "");
  expect(find(folder, "a").kind).toBe("none");
});

test("the user's own configuration comes last, and a relative XDG folder is ignored", () => {
  using folder = new TemporaryFolder();
  folder.write("a/file", "");
  const own = folder.write("home/.config/ccpb/providers.yaml", "");
  const xdg = folder.write("xdg/ccpb/providers.yaml", "");
  expect(find(folder, "a")).toEqual({ kind: "file", path: own });
  expect(find(folder, "a", { XDG_CONFIG_HOME: "xdg" })).toEqual({ kind: "file", path: own });
  expect(find(folder, "a", { XDG_CONFIG_HOME: join(folder.path, "xdg") })).toEqual({ kind: "file", path: xdg });
});

test("says where it looked, and what is almost named right", () => {
  using folder = new TemporaryFolder();
  const near = folder.write("a/providers.yml", "");
  expect(find(folder, "a")).toEqual({
    kind: "none",
    near,
    looked: [
      join(folder.path, "a/providers.yaml"),
      join(folder.path, "a/ccpb.yaml"),
      join(folder.path, "home/.config/ccpb/providers.yaml"),
    ],
  });
});

test("a folder of that name is not the file", () => {
  using folder = new TemporaryFolder();
  folder.write("a/providers.yaml/inside", "");
  expect(find(folder, "a").kind).toBe("none");
});

test.each(["providers.yml", "config.yml", "provider.yaml", "providers.yaml.txt", "providers.json"])(
  "%s is named as one that is almost right",
  (name) => {
    using folder = new TemporaryFolder();
    const near = folder.write(`a/${name}`, "");
    expect(find(folder, "a")).toMatchObject({ kind: "none", near });
  },
);

test("a file above that is not searched is named, and not read", () => {
  using folder = new TemporaryFolder();
  const near = folder.write("a/providers.yaml", "");
  folder.write("a/b/c/file", "");
  expect(find(folder, "a/b/c")).toMatchObject({ kind: "none", near });
});

test.runIf(process.platform !== "win32")("a link above that leads nowhere is passed over", () => {
  using folder = new TemporaryFolder();
  folder.write("a/b/file", "");
  const link = join(folder.path, "a/providers.yaml");
  // It leads to itself, which cannot be looked at.
  symlinkSync(link, link);
  expect(find(folder, "a/b").kind).toBe("none");
});
