import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";

const core = resolve(import.meta.dirname, "../packages/core/src");
const server = resolve(import.meta.dirname, "../packages/server/src");

/** The layers of core: a folder, or a file at the top, may import only what its row names (its own folder always). */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  json: [],
  clock: [],
  cancellation: [],
  mutable: [],
  digest: [],
  "bounded-map": ["digest"],
  "config-types": ["translate/profile", "upstream/native/native-profile"],
  events: ["policy/outcome"],
  errors: ["events"],
  "status-types": ["config-types", "policy/outcome"],
  sse: ["protocol"],
  tokens: ["protocol", "json", "bounded-map"],
  failures: ["errors", "policy/outcome", "translate/json-object"],
  translate: ["protocol", "sse", "tokens", "failures", "json", "errors", "events", "policy/outcome"],
  upstream: [
    "protocol",
    "translate",
    "json",
    "errors",
    "config-types",
    "policy/outcome",
    "health/scope",
    "cancellation",
    "digest",
    "bounded-map",
  ],
  health: ["bounded-map", "events", "status-types", "config-types", "policy/outcome"],
  policy: ["protocol", "failures", "translate", "health", "json", "errors", "config-types", "clock", "bounded-map"],
  reply: [
    "protocol",
    "sse",
    "failures",
    "translate",
    "upstream",
    "json",
    "clock",
    "errors",
    "events",
    "config-types",
    "policy",
    "call-types",
    "mutable",
    "send",
  ],
  testing: ["clock", "upstream", "policy/outcome"],
};

/** Nobody in core imports these; they are entries. */
const entriesOnly = ["config", "testing"];

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => join(folder, name));
}

function imports(file: string): string[] {
  const text = readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
  return [
    ...text.matchAll(/^(?:import|export)\s[^;]*?from\s+"([^"]+)"/gm),
    ...text.matchAll(/\bimport\("([^"]+)"\)/g),
  ].map((match) => match[1] as string);
}

function module(path: string): string {
  return relative(core, path).replaceAll(sep, "/").replace(/\.ts$/, "");
}

describe("core", () => {
  it("imports nothing of Node, and of packages only what its manifest names", () => {
    const foreign = sources(core).flatMap((file) =>
      imports(file)
        .filter((name) => !name.startsWith("."))
        .map((name) => [module(file), name] as const),
    );
    expect(foreign.filter(([, name]) => name.startsWith("node:") || name === "undici")).toEqual([]);
    expect(foreign.filter(([file, name]) => name === "zod" && !file.startsWith("config/"))).toEqual([]);
  });

  it("keeps the table of who may import whom", () => {
    const offences: string[] = [];
    for (const file of sources(core)) {
      const from = module(file);
      const layer = from.split("/")[0] as string;
      const allowed = mayImport[layer];
      for (const name of imports(file).filter((target) => target.startsWith("."))) {
        const to = module(resolve(dirname(file), name));
        const toLayer = to.split("/")[0] as string;
        if (toLayer === layer && from.includes("/")) continue;
        if (allowed && !allowed.some((row) => to === row || to.startsWith(`${row}/`)))
          offences.push(`${from} imports ${to}`);
        if (entriesOnly.includes(toLayer)) offences.push(`${from} imports the entry ${to}`);
      }
    }
    expect(offences).toEqual([]);
  });

  it("has no import cycle of values", () => {
    const graph = new Map<string, string[]>();
    for (const file of sources(core)) {
      const text = readFileSync(file, "utf8");
      const values = [...text.matchAll(/^(?:import|export)\s+(?!type\b)([^;]*?)from\s+"(\.[^"]+)"/gm)]
        // A clause whose every name is a type leaves nothing behind at run time.
        .filter(([, clause]) => !/^\{(?:\s*type\s[^,}]+,?)*\s*\}\s*$/.test(clause as string))
        .map(([, , name]) => module(resolve(dirname(file), name as string)));
      graph.set(module(file), values);
    }
    const cycles: string[] = [];
    const done = new Set<string>();
    const walk = (node: string, path: readonly string[]): void => {
      if (path.includes(node)) {
        cycles.push([...path.slice(path.indexOf(node)), node].join(" → "));
        return;
      }
      if (done.has(node)) return;
      for (const next of graph.get(node) ?? []) walk(next, [...path, node]);
      done.add(node);
    };
    for (const node of graph.keys()) walk(node, []);
    expect(cycles).toEqual([]);
  });
});

/** The rooms of the server, from the ground up: a room imports only the rooms that its row names, and itself. Loose files are rows of their own. */
const serverRooms: Readonly<Record<string, readonly string[]>> = {
  base: [],
  tokenizer: [],
  ui: [],
  config: ["base"],
  log: ["base", "config"],
  metrics: ["base"],
  transport: ["log"],
  sharing: ["config", "log"],
  http: ["base", "config", "log", "metrics"],
  views: ["base", "metrics", "sharing"],
  routes: ["base", "config", "log", "tokenizer", "metrics", "http", "views", "ui"],
  app: ["base", "config", "log", "tokenizer", "metrics", "transport", "sharing", "http", "views", "routes"],
  cluster: ["base", "config", "log", "metrics", "transport", "sharing", "http", "views", "app"],
  demo: ["base", "app"],
  cli: ["base", "config", "log", "transport", "sharing", "views", "app", "cluster", "demo"],
  index: ["config", "log", "transport", "app"],
};

/** Files of the server by their path within `src`, without extension, and the files there that each imports: values, types and dynamic imports. */
function serverGraph(): ReadonlyMap<string, readonly string[]> {
  const name = (path: string): string => relative(server, path).replaceAll(sep, "/").replace(/\.ts$/, "");
  return new Map(
    sources(server).map((file) => [
      name(file),
      imports(file)
        .filter((target) => target.startsWith("."))
        .map((target) => name(resolve(dirname(file), target)))
        .filter((target) => !target.startsWith("..")),
    ]),
  );
}

function roomOf(file: string): string {
  return file.split("/")[0] as string;
}

/** Returns every import circle that a walk over the graph meets, as `a → b → a`. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) found.push([...path.slice(path.indexOf(node)), node].join(" → "));
    else if (!done.has(node)) {
      done.add(node);
      for (const next of graph.get(node) ?? []) walk(next, [...path, node]);
    }
  };
  for (const node of graph.keys()) walk(node, []);
  return found;
}

describe("server", () => {
  it("has a row for every room, and a room for every row", () => {
    const rooms = new Set([...serverGraph().keys()].map(roomOf));
    expect([...rooms].sort()).toEqual(Object.keys(serverRooms).sort());
  });

  it("keeps the table of which room may import which, types included", () => {
    const offences = [...serverGraph()].flatMap(([file, targets]) =>
      targets
        .filter((target) => roomOf(target) !== roomOf(file) && !serverRooms[roomOf(file)]?.includes(roomOf(target)))
        .map((target) => `${file} imports ${target}`),
    );
    expect(offences).toEqual([]);
  });

  it("names in each row only rooms that are imported, and in rows above it", () => {
    const used = new Set(
      [...serverGraph()].flatMap(([file, all]) => all.map((to) => `${roomOf(file)} → ${roomOf(to)}`)),
    );
    const order = Object.keys(serverRooms);
    for (const [room, allowed] of Object.entries(serverRooms)) {
      expect(allowed.filter((other) => !used.has(`${room} → ${other}`))).toEqual([]);
      expect(allowed.filter((other) => order.indexOf(other) >= order.indexOf(room))).toEqual([]);
    }
  });

  it("has no import circle of any kind", () => {
    expect(circles(serverGraph())).toEqual([]);
    expect(
      circles(
        new Map([
          ["a", ["b"]],
          ["b", ["c"]],
          ["c", ["b"]],
        ]),
      ),
    ).toEqual(["b → c → b"]);
  });

  it("imports only core's public entry points", () => {
    const deep = sources(server).flatMap((file) =>
      imports(file).filter(
        (name) =>
          /core\/src/.test(name) ||
          (name.startsWith("@ccpb/core/") &&
            !/^@ccpb\/core\/(?:config|protocol|sse|translate|tokens|testing|package\.json)$/.test(name)),
      ),
    );
    expect(deep).toEqual([]);
  });
});
