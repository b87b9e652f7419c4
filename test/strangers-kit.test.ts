import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Paths in code spans that name something of this repository. */
function pathsIn(text: string): readonly string[] {
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, span = ""]) => span.split(" "));
  return spans.filter((span) => /^(?:packages|test|docs|scripts|\.ci|\.github)\//.test(span));
}

describe.each(["AGENTS.md", "CONTRIBUTING.md"])("%s", (file) => {
  it("names only what exists", () => {
    const paths = pathsIn(read(file));
    expect(paths.length).toBeGreaterThan(5);
    const missing = paths.filter((path) => expand(path).every((one) => matches(one) === 0));
    expect(missing).toEqual([]);
  });

  it("names only commands of the root package", () => {
    const scripts = (JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts;
    const named = [...read(file).matchAll(/(?:npm|pnpm@[\d.]+|…) run ([a-z:]+)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

/** `a/{b,c}.ts` is `a/b.ts` and `a/c.ts`. */
function expand(path: string): readonly string[] {
  const [, before = "", options = "", after = ""] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [];
  return options === "" ? [path] : options.split(",").map((option) => before + option + after);
}

function matches(path: string): number {
  if (!path.includes("*")) return existsSync(join(root, path)) ? 1 : 0;
  const [start = "", end = ""] = path.split("*");
  return readdirSync(join(root, dirname(path)))
    .map((name) => join(dirname(path), name))
    .filter((name) => name.startsWith(start) && name.endsWith(end)).length;
}

describe("the workflows", () => {
  const files = ["ci.yml", "release.yml"];

  it.each(files)("%s names every action by its commit, with the version beside it", (file) => {
    const uses = read(`.github/workflows/${file}`)
      .split("\n")
      .filter((line) => line.includes("uses:"));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("end the older run of a pull request, and no run of main", () => {
    const [, group = ""] = /^  group: (.*)$/m.exec(read(".github/workflows/ci.yml")) ?? [];
    expect(group).toBe("ci-${{ github.event_name == 'pull_request' && github.ref || github.run_id }}");
    expect(read(".github/workflows/ci.yml")).toContain("cancel-in-progress: true");
  });

  it("run on Linux, macOS and Windows", () => {
    expect(read(".github/workflows/ci.yml")).toMatch(/ubuntu-latest[^]*macos-latest, windows-latest/);
  });
});

describe.each(["core", "redis", "ai-sdk", "otel", "server"])("the manifest of @ccpb/%s", (name) => {
  const manifest = JSON.parse(read(`packages/${name}/package.json`)) as Record<string, unknown>;

  it("says where it comes from, which provenance and the registry's page need", () => {
    expect(manifest).toMatchObject({
      license: "MIT",
      homepage: expect.stringContaining(`packages/${name}`),
      bugs: { url: expect.stringMatching(/^https:/) },
      repository: { type: "git", url: expect.stringMatching(/^git\+https:.*\.git$/), directory: `packages/${name}` },
      publishConfig: { access: "public", provenance: true },
    });
    expect((manifest["keywords"] as string[]).length).toBeGreaterThan(3);
  });
});

it("the check of the repository's name fails for another one, and says what to run", () => {
  const [, name = ""] = /github\.com\/(.*)\.git/.exec(read("packages/core/package.json")) ?? [];
  const check = (repository: string): string =>
    execFileSync(process.execPath, ["scripts/set-repository.mjs", "--check", repository], {
      cwd: root,
      encoding: "utf8",
      stdio: "pipe",
    });
  expect(check(name)).toBe("");
  expect(() => check("somebody/fork")).toThrow(/node scripts\/set-repository\.mjs somebody\/fork/);
});
