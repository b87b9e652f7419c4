import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningServer, startServer } from "@ccpb/server";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

const folder = import.meta.dirname;
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

interface Service {
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly env_file: string;
  readonly healthcheck: { readonly test: readonly string[] };
  readonly stop_grace_period: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly build: { readonly context: string };
}

const compose = parse(read("compose.yaml")) as {
  readonly services: { readonly ccpb: Service };
  readonly volumes: Readonly<Record<string, unknown>>;
};
const { ccpb } = compose.services;
const dockerfile = read(join(ccpb.build.context, "Dockerfile"));

describe("compose.yaml", () => {
  it("has the one service, and publishes its port on loopback only", () => {
    expect(Object.keys(compose.services)).toEqual(["ccpb"]);
    expect(ccpb.ports).toEqual(["127.0.0.1:8080:8080"]);
    expect(dockerfile).toContain("EXPOSE 8080");
  });

  it("checks its health as the image does: by the binary itself", () => {
    const [, command = ""] = /^HEALTHCHECK [\s\S]*?CMD (.*)$/m.exec(dockerfile) ?? [];
    expect(command).toContain("node /app/dist/cli.js status");
    // A dollar is doubled for Compose.
    expect(ccpb.healthcheck.test).toEqual(["CMD-SHELL", command.replaceAll("$", "$$$$")]);
  });

  it("mounts the folder of the configuration read-only, and a volume where the image writes its log", () => {
    expect(ccpb.volumes).toEqual(["./config:/etc/ccpb:ro", "logs:/var/lib/ccpb/logs"]);
    expect(Object.keys(compose.volumes)).toEqual(["logs"]);
    expect(dockerfile).toContain("CCPB_CONFIG=/etc/ccpb/providers.yaml");
    expect(dockerfile).toContain("WORKDIR /var/lib/ccpb");
  });

  it("gives the container nothing that it does not need", () => {
    expect(ccpb).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
  });

  it("lets streams finish before the container is killed", () => {
    const { settings } = parse(read("config/providers.yaml")) as { settings: { drain_timeout: number } };
    expect(Number.parseInt(ccpb.stop_grace_period, 10)).toBeGreaterThan(settings.drain_timeout);
  });
});

describe("config/providers.yaml", () => {
  const scratch = mkdtempSync(join(tmpdir(), "ccpb-compose-"));
  afterAll(() => rmSync(scratch, { recursive: true }));

  const start = (env: Readonly<Record<string, string>>): Promise<RunningServer> =>
    startServer({ configPath: join(folder, "config/providers.yaml"), cwd: scratch, watch: false, env });

  it("needs what .env.example lists, and nothing else", () => {
    const used = new Set([...read("config/providers.yaml").matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
    const listed = new Set([...read(".env.example").matchAll(/^(\w+)=/gm)].map(([, name]) => name));
    expect(listed).toEqual(used);
  });

  it("makes a server that asks its clients for the key", async () => {
    const key = "a-key-of-more-than-16-characters";
    const env = { ANTHROPIC_API_KEY: "sk-ant", OPENROUTER_API_KEY: "sk-or", CCPB_API_KEY: key };
    const server = await start({ ...env, CCPB_HOST: "127.0.0.1", CCPB_PORT: "0" });
    try {
      expect((await fetch(`${server.url}/health`)).status).toBe(200);
      expect((await fetch(`${server.url}/providers`)).status).toBe(401);
      const known = await fetch(`${server.url}/providers`, { headers: { authorization: `Bearer ${key}` } });
      expect(await known.json()).toMatchObject({ total_providers: 2, current_provider: "anthropic_official" });
    } finally {
      await server.close(0);
    }
  });

  it.each([
    ["is empty", ""],
    ["is short", "short"],
  ])("makes none that listens on the container's address if that key %s", async (_how, key) => {
    const env = { ANTHROPIC_API_KEY: "sk-ant", OPENROUTER_API_KEY: "sk-or", CCPB_API_KEY: key };
    await expect(start({ ...env, CCPB_HOST: "0.0.0.0", CCPB_PORT: "0" })).rejects.toThrow(/key|CCPB_API_KEY/);
  });
});
