import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileVirtual } from "./compile-virtual.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, "examples");
const examples = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "package.json")))
  .map(({ name }) => name);

const read = (...path: string[]): string => readFileSync(join(root, ...path), "utf8");

describe("the examples", () => {
  it("are all there", () => {
    expect(examples).toEqual(
      expect.arrayContaining([
        "anthropic-sdk",
        "cloudflare-workers",
        "custom-classification",
        "docker-compose",
        "express",
        "fastify",
        "hono",
        "next-route-handler",
        "no-driver",
        "node-http",
        "own-transport",
        "shared-health",
        "virtual-time",
      ]),
    );
  });

  it("are folders with a package.json, and nothing else lies between them", () => {
    expect(readdirSync(folder).filter((name) => !examples.includes(name))).toEqual([]);
  });

  describe.each(examples)("%s", (name) => {
    it("is a private package of its own name, and says what it is", () => {
      const manifest = JSON.parse(read("examples", name, "package.json")) as Record<string, unknown>;
      expect(manifest).toMatchObject({ name: `@ccpb/example-${name}`, private: true, type: "module" });
      expect(manifest["description"]).toEqual(expect.any(String));
    });

    it("is run by a test", () => {
      expect(existsSync(join(folder, name, `${name}.test.ts`))).toBe(true);
    });

    it("has a README with a title, whose links lead somewhere", () => {
      const readme = read("examples", name, "README.md");
      expect(readme).toMatch(/^# \S/);
      const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target ?? "");
      expect(links.length).toBeGreaterThan(0);
      const dead = links.filter((link) => !/^https?:/.test(link) && !existsSync(join(folder, name, link)));
      expect(dead).toEqual([]);
    });

    it("is short enough to be copied", () => {
      const files = readdirSync(join(folder, name)).filter((file) => /(?<!test|-suite)\.m?ts$/.test(file));
      const long = files.filter((file) => read("examples", name, file).trimEnd().split("\n").length > 80);
      expect(long).toEqual([]);
    });
  });
});

/** What the code blocks may take as given. */
const given = `
import type { Balancer, ProviderConfig } from "@ccpb/core";
import type { Topic } from "../shared-health/replica.ts";
declare global {
  const balancer: Balancer;
  const providers: readonly ProviderConfig[];
  const request: { readonly model: string; readonly messages: readonly { readonly role: string; readonly content: string }[] };
  const topic: Topic;
}
`;

/** The TypeScript blocks of a Markdown file, as virtual source files in a folder whose packages they may import. */
function blocksOf(markdown: string, place: string): [file: string, source: string][] {
  const name = markdown.replaceAll("/", "-").replace(/\.md$/, "");
  return [...read(markdown).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, source = ""], index) => [
    join(root, place, `${name}-${index + 1}.ts`),
    source,
  ]);
}

const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md") && !name.startsWith("api"))
  .map((name) => `docs/${name}`);

describe("the code in the READMEs of the examples and in the documentation", () => {
  it("compiles", () => {
    const files = new Map([
      ...examples.flatMap((name) => blocksOf(`examples/${name}/README.md`, `examples/${name}`)),
      // Each in a package that has what it imports.
      ...docs.flatMap((page) => blocksOf(page, page.includes("opentelemetry") ? "packages/otel" : "packages/server")),
    ]);
    expect(files.size).toBeGreaterThan(8);
    files.set(join(folder, "node-http/given.d.ts"), given);
    expect(compileVirtual(files)).toEqual([]);
  });
});
