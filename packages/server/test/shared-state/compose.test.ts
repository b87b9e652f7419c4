import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../src/config/config-file.ts";

const folder = join(import.meta.dirname, "../../../../deploy/compose");
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const scratch = mkdtempSync(join(tmpdir(), "ccpb-compose-"));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Service {
  readonly ports?: readonly string[];
  readonly cap_drop: readonly string[];
  readonly read_only: boolean;
  readonly stop_grace_period?: string;
}

const { services } = parse(read("compose.yaml"), { merge: true }) as { services: Record<string, Service> };

describe("deploy/compose", () => {
  it("runs three instances, HAProxy and Redis, each with no more than it needs, and publishes only the balancer on loopback", () => {
    expect(Object.keys(services)).toEqual(["ccpb-1", "ccpb-2", "ccpb-3", "haproxy", "redis"]);
    for (const service of Object.values(services))
      expect(service).toMatchObject({ cap_drop: ["ALL"], read_only: true });
    expect(Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]))).toEqual([
      ["haproxy", "127.0.0.1:8080:8080"],
    ]);
  });

  it("balances over the instances that there are", () => {
    const servers = [...read("haproxy.cfg").matchAll(/^ +server \w+ ([\w-]+):8080$/gm)].map(([, name]) => name);
    expect(servers).toEqual(["ccpb-1", "ccpb-2", "ccpb-3"]);
  });

  it("has a configuration that needs what .env.example lists, and shares health over the Redis that there is", () => {
    const env = { ANTHROPIC_API_KEY: "sk-ant-1", OPENROUTER_API_KEY: "sk-or-1", CCPB_API_KEY: "a-key-of-more-than-16" };
    expect([...read(".env.example").matchAll(/^(\w+)=/gm)].map(([, name]) => name)).toEqual(Object.keys(env));
    const loaded = loadConfig({ configPath: join(folder, "config/providers.yaml"), cwd: scratch, env, home: scratch });
    expect(loaded.server.sharedState).toEqual({ redis: "redis://redis:6379", prefix: "ccpb" });
    expect(Number.parseInt(services["ccpb-1"]?.stop_grace_period ?? "", 10) * 1000).toBeGreaterThan(
      loaded.server.drainTimeoutMs,
    );
  });
});
