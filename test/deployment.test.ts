import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Balancer, defaultSettings, send } from "../packages/core/src/index.ts";
import { scriptedTransport } from "../packages/core/src/testing/index.ts";
import { VirtualClock } from "../packages/core/src/testing/virtual-clock.ts";
import { Metrics } from "../packages/server/src/metrics/metrics.ts";
import { renderMetrics } from "../packages/server/src/metrics/exposition.ts";
import { sharedStateMetrics } from "../packages/server/src/views/shared-state-view.ts";

const root = join(import.meta.dirname, "..");
const read = (...path: string[]): string => readFileSync(join(root, ...path), "utf8");

const scratch = mkdtempSync(join(tmpdir(), "ccpb-deployment-"));
afterAll(() => rmSync(scratch, { recursive: true }));

function run(command: string, ...args: string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  return { status, output: stdout + stderr };
}

const has = (command: string, flag = "--version"): boolean => spawnSync(command, [flag]).error === undefined;
const hasPromtool = has("promtool");
const hasSystemd = has("systemd-analyze");
const skipped = (isThere: boolean, tool: string): string => (isThere ? "" : ` (skipped: ${tool} is not installed)`);

/** Every metric of the server with its label names, out of an exposition in which all of them have samples. */
async function exposedMetrics(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const clock = new VirtualClock();
  const provider = (name: string) =>
    ({
      name,
      type: "anthropic",
      baseUrl: `https://${name}.test`,
      auth: { type: "api_key", keys: ["key"] },
      bigModel: "passthrough",
      smallModel: "passthrough",
      enabled: true,
    }) as const;
  const balancer = new Balancer({ providers: [provider("one"), provider("two")] }, { clock });
  const metrics = new Metrics();
  metrics.watch(balancer);
  const usage = { input_tokens: 3, output_tokens: 2, cache_read_input_tokens: 1, cache_creation_input_tokens: 1 };
  const content = [{ type: "text", text: "Hello." }];
  const answer = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content,
    stop_reason: "end_turn",
    usage,
  };
  const { transport } = scriptedTransport(clock, (_request, index) =>
    index === 0 ? { status: 500 } : { body: JSON.stringify(answer) },
  );
  const messages = [{ role: "user", content: "Who are you?" }];
  await send(balancer.open({ model: "claude-opus-5", max_tokens: 10, messages }), transport, { clock });
  metrics.onRequest();
  metrics.onResponse("/v1/messages", 200);
  metrics.onReload("applied");
  metrics.onDroppedLines(1);
  const shared = {
    state: "connected",
    forMs: 1,
    peers: 2,
    received: 0,
    ignored: 0,
    published: 0,
    lastError: null,
  } as const;

  const found = new Map<string, Set<string>>();
  const all = [
    ...metrics.collect(balancer.status()),
    ...sharedStateMetrics({ ...shared, address: "redis://r:6379/0", prefix: "p" }),
  ];
  for (const line of (await renderMetrics(all)).text.split("\n")) {
    const [, name, labels = ""] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name === undefined) continue;
    const names = found.get(name) ?? new Set();
    for (const [, label] of labels.matchAll(/(\w+)="/g)) names.add(label ?? "");
    found.set(name, names);
  }
  return found;
}

const alerts = read("deploy/prometheus/alerts.yaml");
const dashboard = read("deploy/grafana/ccpb.json");

/** The expressions of the alert rules, of the recipe and of the dashboard, Grafana's variables filled in. */
function expressions(): string[] {
  const ofAlerts = [...alerts.matchAll(/^ +expr: (?:\|\n((?: {10,}.*\n)+)|(.*)$)/gm)].map(
    ([, block, line]) => block ?? line ?? "",
  );
  const ofDashboard = [...dashboard.matchAll(/"(?:expr|definition)": ("(?:[^"\\]|\\.)*")/g)].map(
    ([, text]) => JSON.parse(text ?? "") as string,
  );
  const recipe = /```promql\n(.*?)```/s.exec(read("docs/recipes/prometheus.md"))?.[1] ?? "";
  return [
    ...ofAlerts,
    ...recipe.split("\n").filter((line) => /^\w/.test(line)),
    ...ofDashboard.map((expr) => expr.replaceAll("$__rate_interval", "5m").replaceAll("$__range", "6h")),
  ];
}

// What Prometheus adds to every sample when it scrapes.
const scrapeLabels = ["instance", "job"];

describe("the alert rules and the dashboard", () => {
  it("name only metrics and labels that the server has", async () => {
    const exposed = await exposedMetrics();
    const names = expressions().flatMap((expr) => [
      ...expr.matchAll(/\b((?:ccpb|process|nodejs)_\w+)(?:\{([^}]*)\})?/g),
    ]);
    // As many as a wrong pattern would not find.
    expect(names.length).toBeGreaterThan(30);
    for (const [, name = "", selector = ""] of names) {
      expect([...exposed.keys()]).toContain(name);
      for (const [, label] of selector.matchAll(/(\w+)\s*(?:=~|!=|=)\s*"/g)) {
        expect([...scrapeLabels, ...(exposed.get(name) ?? [])], `labels of ${name}`).toContain(label);
      }
    }
  });

  it("group only by labels that some of their metrics have", async () => {
    const exposed = await exposedMetrics();
    for (const expr of expressions()) {
      const metrics = [...expr.matchAll(/\b((?:ccpb|process|nodejs)_\w+)/g)].map(([, name]) => name ?? "");
      const labels = new Set([...scrapeLabels, ...metrics.flatMap((name) => [...(exposed.get(name) ?? [])])]);
      const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => (list ?? "").split(/,\s*/));
      for (const label of grouped) expect([...labels], expr).toContain(label);
    }
  });

  it("leave no metric of the balancer unwatched", async () => {
    const text = alerts + dashboard;
    const families = [...(await exposedMetrics()).keys()].map((name) => name.replace(/_(?:bucket|sum|count)$/, ""));
    const unwatched = new Set(families.filter((name) => name.startsWith("ccpb_") && !text.includes(name)));
    // The first is in ccpb status, and a panel of it would say what the circuits say; the second is who else is there, which `up` says better.
    expect([...unwatched]).toEqual(["ccpb_provider_cooldown_seconds", "ccpb_shared_state_peers"]);
  });

  it.skipIf(!hasPromtool)(`satisfy promtool check rules${skipped(hasPromtool, "promtool")}`, () => {
    expect(run("promtool", "check", "rules", join(root, "deploy/prometheus/alerts.yaml"))).toMatchObject({ status: 0 });
    expect(run("promtool", "check", "config", join(root, "deploy/prometheus/prometheus.yaml"))).toMatchObject({
      status: 0,
    });
  });

  it.skipIf(!hasPromtool)(`fire on what they are about, and only then${skipped(hasPromtool, "promtool")}`, () => {
    const { status, output } = run("promtool", "test", "rules", join(root, "deploy/prometheus/alerts.test.yaml"));
    expect({ status, output }).toMatchObject({ status: 0 });
    const tested = new Set(
      [...read("deploy/prometheus/alerts.test.yaml").matchAll(/alertname: (\w+)/g)].map(([, name]) => name),
    );
    expect([...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name).filter((name) => !tested.has(name))).toEqual(
      [],
    );
  });

  it.skipIf(!hasPromtool)(`are PromQL${skipped(hasPromtool, "promtool")}`, () => {
    const rules = expressions()
      .filter((expr) => !expr.startsWith("label_values"))
      .map((expr, index) => ({ record: `check:${index}`, expr: expr.trim() }));
    const file = join(scratch, "expressions.yaml");
    writeFileSync(file, JSON.stringify({ groups: [{ name: "expressions", rules }] }));
    const { status, output } = run("promtool", "check", "rules", "--lint=none", file);
    expect({ status, output }).toMatchObject({ status: 0 });
  });
});

describe("the dashboard", () => {
  const { panels } = JSON.parse(dashboard) as {
    readonly panels: readonly {
      readonly id: number;
      readonly title: string;
      readonly gridPos: Record<"x" | "y" | "w" | "h", number>;
    }[];
  };

  it("has panels with ids and titles of their own, none over another", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});

describe("the recipes", () => {
  const recipes = readdirSync(join(root, "docs/recipes"));

  it.each(recipes)("%s has a title, and links that lead somewhere", (name) => {
    const recipe = read("docs/recipes", name);
    expect(recipe).toMatch(/^# \S/);
    const links = [...recipe.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target ?? "");
    const dead = links.filter((link) => !/^https?:/.test(link) && !existsSync(join(root, "docs/recipes", link)));
    expect(dead).toEqual([]);
  });

  it.each(["docker.md", "docker.zh-CN.md"])(
    "%s names the image's paths and variables as the Dockerfile does",
    (page) => {
      const dockerfile = read("Dockerfile");
      const recipe = read("docs/recipes", page);
      for (const [, name, value = ""] of dockerfile.matchAll(/(CCPB_\w+)=(\S+)/g)) {
        expect(recipe).toContain(`\`${name}\``);
        expect(recipe).toContain(value);
      }
      expect(recipe).toContain("/var/lib/ccpb/logs/balancer.jsonl");
      expect(recipe).toContain("1000:1000");
    },
  );
});

describe("the systemd unit", () => {
  const unit = read("deploy/systemd/ccpb.service");
  const valueOf = (key: string): string | undefined => new RegExp(`^${key}=(.*)$`, "m").exec(unit)?.[1];

  it("is hardened", () => {
    expect({
      DynamicUser: valueOf("DynamicUser"),
      NoNewPrivileges: valueOf("NoNewPrivileges"),
      ProtectSystem: valueOf("ProtectSystem"),
      CapabilityBoundingSet: valueOf("CapabilityBoundingSet"),
      SystemCallFilter: valueOf("SystemCallFilter"),
    }).toEqual({
      DynamicUser: "yes",
      NoNewPrivileges: "yes",
      ProtectSystem: "strict",
      CapabilityBoundingSet: "",
      SystemCallFilter: "@system-service @pkey",
    });
    // V8 could not compile anything.
    expect(valueOf("MemoryDenyWriteExecute")).toBeUndefined();
  });

  it("reloads by SIGHUP, gives streams longer than drain_timeout, and does not restart over a wrong configuration", () => {
    expect(valueOf("ExecReload")).toBe("kill -HUP $MAINPID");
    expect(Number(valueOf("TimeoutStopSec"))).toBeGreaterThan(30);
    expect(valueOf("RestartPreventExitStatus")).toBe("2");
  });

  it.skipIf(!hasSystemd)(`satisfies systemd-analyze verify${skipped(hasSystemd, "systemd-analyze")}`, () => {
    const file = join(scratch, "ccpb.service");
    // ccpb need not be installed here.
    writeFileSync(file, unit.replace("ExecStart=ccpb", `ExecStart=${process.execPath}`));
    expect(run("systemd-analyze", "verify", file)).toEqual({ status: 0, output: "" });
    writeFileSync(file, unit.replace("ExecStart=ccpb", "ExecStart=/nowhere/ccpb"));
    expect(run("systemd-analyze", "verify", file).output).toContain("not executable");
  });
});

describe("the files for launchd and for a Windows service", () => {
  const plist = "deploy/launchd/ccpb.plist";
  const winsw = "deploy/windows/ccpb.xml";
  const hasPython = has("python3");

  it.skipIf(!hasPython)(`are a property list and well-formed XML${skipped(hasPython, "python3")}`, () => {
    const asJson = "import json,plistlib,sys;print(json.dumps(plistlib.load(open(sys.argv[1],'rb'))))";
    const { status, output } = run("python3", "-c", asJson, join(root, plist));
    expect(status).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      Label: "ccpb",
      ProgramArguments: [
        expect.stringMatching(/node$/),
        expect.stringMatching(/ccpb$/),
        "serve",
        "--config",
        expect.anything(),
      ],
      KeepAlive: { SuccessfulExit: false },
      RunAtLoad: true,
    });
    const asTag = "import sys,xml.etree.ElementTree as e;print(e.parse(sys.argv[1]).getroot().tag)";
    expect(run("python3", "-c", asTag, join(root, winsw))).toEqual({ status: 0, output: "service\n" });
  });

  it("give streams longer than drain_timeout, and name no key", () => {
    const seconds = [/<key>ExitTimeOut<\/key>\s*<integer>(\d+)</, /<stoptimeout>(\d+) sec</].map((pattern, index) =>
      Number(pattern.exec(read([plist, winsw][index] ?? ""))?.[1]),
    );
    for (const each of seconds) expect(each).toBeGreaterThan(30);
    for (const file of [plist, winsw]) expect(read(file)).not.toMatch(/sk-/);
  });

  it("run the file that the package names as its command", () => {
    const { bin } = JSON.parse(read("packages/server/package.json")) as { readonly bin: { readonly ccpb: string } };
    const path = join("packages/server", bin.ccpb).replaceAll("/", "\\");
    expect(read(winsw)).toContain(`C:\\ccpb\\${path}`);
    for (const page of ["macos-and-windows.md", "macos-and-windows.zh-CN.md"])
      expect(read("docs/recipes", page)).toContain(`C:\\ccpb\\${path}`);
  });
});

describe("several instances", () => {
  const haproxy = ["deploy/haproxy/haproxy.cfg", "deploy/compose/haproxy.cfg"];
  const hasHaproxy = has("haproxy", "-v");
  const hasNginx = has("nginx", "-v");

  it.skipIf(!hasHaproxy)(`satisfy haproxy -c${skipped(hasHaproxy, "haproxy")}`, () => {
    for (const file of haproxy) {
      const { status, output } = run("haproxy", "-c", "-f", join(root, file));
      expect({ file, status, output }).toMatchObject({ status: 0 });
    }
  });

  it.skipIf(!hasNginx)(`satisfy nginx -t${skipped(hasNginx, "nginx")}`, () => {
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${scratch}/${name};`,
    );
    const http = `http { access_log off; ${paths.join(" ")} include ${join(root, "deploy/nginx/ccpb.conf")}; }`;
    const file = join(scratch, "nginx.conf");
    writeFileSync(file, `pid ${scratch}/nginx.pid;\nerror_log stderr;\nevents {}\n${http}\n`);
    const { status, output } = run("nginx", "-t", "-c", file);
    expect({ status, output }).toMatchObject({ status: 0 });
  });

  it("wait longer for a silent stream than ccpb does, and send a conversation to one instance", () => {
    for (const file of haproxy) {
      expect(read(file)).toContain("timeout server 15m");
      expect(read(file)).toContain("x-claude-code-session-id");
    }
    const nginx = read("deploy/nginx/ccpb.conf");
    expect(nginx).toContain("proxy_read_timeout 15m");
    expect(nginx).toContain("proxy_buffering off");
    expect(nginx).toContain("$http_x_claude_code_session_id");
    expect(defaultSettings.timeouts.idleMs).toBeLessThan(15 * 60_000);
  });

  it("run under systemd as the one does, but for their port and their folder", () => {
    const lines = (text: string): string[] => text.split("\n").filter((line) => /^[A-Z]\w+=/.test(line));
    const one = lines(read("deploy/systemd/ccpb.service"));
    const each = lines(read("deploy/systemd/ccpb@.service"));
    const others = each.filter((line) => !one.includes(line));
    expect(others.map((line) => line.split("=")[0])).toEqual([
      "Description",
      "ExecStart",
      "LogsDirectory",
      "Environment",
      "WorkingDirectory",
    ]);
    expect(others.every((line) => line.includes("%i"))).toBe(true);
    expect(each).toHaveLength(one.length);
  });

  it.skipIf(!hasSystemd)(`satisfy systemd-analyze verify${skipped(hasSystemd, "systemd-analyze")}`, () => {
    const unit = read("deploy/systemd/ccpb@.service").replace("ExecStart=ccpb", `ExecStart=${process.execPath}`);
    writeFileSync(join(scratch, "ccpb@.service"), unit);
    expect(run("systemd-analyze", "verify", join(scratch, "ccpb@8081.service"))).toEqual({ status: 0, output: "" });
  });
});

describe("the Dockerfile", () => {
  const dockerfile = read("Dockerfile");
  const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));

  it("copies only what is there", () => {
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, list]) =>
      (list ?? "").split(" "),
    );
    expect(sources.length).toBeGreaterThan(6);
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
  });

  it("copies every package that the server needs", () => {
    const needed = ["core", "fake-upstream", "json-scan", "redis", "server"];
    const copied = [...dockerfile.matchAll(/^COPY packages\/(\S+) packages\/\S+$/gm)].map(([, name]) => name);
    expect(new Set(copied.filter((name) => !name?.includes("/")))).toEqual(new Set(needed));
    const { dependencies, devDependencies } = JSON.parse(read("packages/server/package.json")) as Record<
      string,
      Record<string, string>
    >;
    const local = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => name.startsWith("@ccpb/"));
    expect(local.map((name) => name.slice("@ccpb/".length)).every((name) => needed.includes(name))).toBe(true);
  });

  it("installs with the package manager of the repository", () => {
    const { packageManager } = JSON.parse(read("package.json")) as { packageManager: string };
    expect(dockerfile).toContain(`npm install --global ${packageManager}`);
  });

  it("ends in an image without root whose health the binary itself checks", () => {
    expect(last).toMatch(/^USER 1000:1000$/m);
    expect(last).toMatch(/^HEALTHCHECK .*\\\n {2}CMD node \/app\/dist\/cli\.js status \|\| \[ \$\? -ne 3 \]$/m);
    expect(last).toContain('ENTRYPOINT ["node", "/app/dist/cli.js"]');
    expect(last).not.toContain("npm");
  });
});
