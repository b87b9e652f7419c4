import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";

const core = resolve(import.meta.dirname, "../packages/core/src");
const server = resolve(import.meta.dirname, "../packages/server/src");

/**
 * The rooms of core from the ground up. A room imports from itself and from rooms above its row only; types count. Each further entry narrows that:
 * a room inside another one, and the rooms beside it that it may know.
 */
const coreRooms: readonly string[] = [
  "protocol",
  "base",
  "vendors",
  "sse",
  "bytes",
  "tokens",
  "failures",
  "conversation",
  "dialects",
  "health",
  "policy",
  "call",
  "delivery",
  "balancer",
  "skins",
];

/** The entries of the package, each a room or an index: no other room of core imports them. */
const coreEntries: readonly string[] = ["config", "testing", "translate", "internal", "index"];

/** Which of the others a room of a dialect may know; one that is not named knows none. A gateway that is asked in Responses can answer in Chat. */
const knownDialects: Readonly<Record<string, readonly string[]>> = { responses: ["chat"] };

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

/** Files below `root` by their path without extension, and the files there that each imports: values, types and dynamic imports. */
function graphOf(root: string): ReadonlyMap<string, readonly string[]> {
  const name = (path: string): string => relative(root, path).replaceAll(sep, "/").replace(/\.ts$/, "");
  return new Map(
    sources(root).map((file) => [
      name(file),
      imports(file)
        .filter((target) => target.startsWith("."))
        .map((target) => name(resolve(dirname(file), target)))
        .filter((target) => !target.startsWith("..")),
    ]),
  );
}

function edges(root: string): (readonly [from: string, to: string])[] {
  return [...graphOf(root)].flatMap(([from, targets]) => targets.map((to) => [from, to] as const));
}

function roomOf(name: string): string {
  return name.split("/")[0] as string;
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

describe("core", () => {
  it("imports nothing of Node, and of packages only what its manifest names", () => {
    const foreign = sources(core).flatMap((file) =>
      imports(file)
        .filter((name) => !name.startsWith("."))
        .map((name) => [relative(core, file).replaceAll(sep, "/"), name] as const),
    );
    expect(foreign.filter(([, name]) => name.startsWith("node:") || name === "undici")).toEqual([]);
    expect(foreign.filter(([file, name]) => name === "zod" && !file.startsWith("config/"))).toEqual([]);
  });

  it("has a row for every room, and no loose file but its index", () => {
    const names = readdirSync(core, { withFileTypes: true }).map((entry) => entry.name.replace(/\.ts$/, ""));
    expect(names.filter((name) => !coreRooms.includes(name) && !coreEntries.includes(name))).toEqual([]);
  });

  it("imports downwards only", () => {
    const offences: string[] = [];
    for (const [from, to] of edges(core)) {
      const [room, target] = [roomOf(from), roomOf(to)];
      if (room === target || from === "index") continue;
      if (coreEntries.includes(target)) offences.push(`${from} imports the entry ${to}`);
      const [row, targetRow] = [coreRooms.indexOf(room), coreRooms.indexOf(target)];
      if (coreRooms.includes(room) && targetRow > row) offences.push(`${from} imports ${to}, which lies above it`);
    }
    expect(offences).toEqual([]);
  });

  it("keeps the dialects apart", () => {
    const offences: string[] = [];
    const folder = join(core, "dialects");
    const rooms = readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
    for (const [from, to] of edges(folder)) {
      const [dialect, other] = [roomOf(from), roomOf(to)];
      if (dialect === other || !rooms.includes(dialect) || !rooms.includes(other)) continue;
      if (knownDialects[dialect]?.includes(other) !== true) offences.push(`dialects/${from} imports dialects/${to}`);
    }
    expect(offences).toEqual([]);
  });

  it("is told in docs/architecture.md in the order of the rows", () => {
    const page = readFileSync(resolve(import.meta.dirname, "../docs/architecture.md"), "utf8");
    const [, line = ""] = /^`(.* ← .*)`$/m.exec(page) ?? [];
    const told = line.split(" ← ").map((rooms) => rooms.split(", "));
    expect(told.flat().toSorted()).toEqual([...coreRooms].toSorted());
    // Rooms that stand together may have any order; each group lies above the one to its left.
    const rows = told.map((group) => group.map((room) => coreRooms.indexOf(room)));
    for (const [index, group] of rows.entries())
      expect(Math.min(...group)).toBeGreaterThan(Math.max(-1, ...rows.slice(0, index).flat()));
  });

  it("has no circle of imports, of types neither", () => {
    expect(circles(graphOf(core))).toEqual([]);
  });
});

/** The rooms of the server, from the ground up: a room imports only the rooms that its row names, and itself. Loose files are rows of their own. */
const serverRooms: Readonly<Record<string, readonly string[]>> = {
  base: [],
  tokenizer: [],
  ui: [],
  config: ["base"],
  log: ["base", "config"],
  control: ["base"],
  metrics: ["base"],
  transport: ["log"],
  alerts: ["base", "config", "log", "metrics", "transport"],
  sharing: ["config", "log", "control"],
  http: ["base", "config", "log", "metrics"],
  usage: ["log"],
  clients: ["log", "metrics", "usage"],
  views: ["base", "control", "metrics", "sharing", "usage"],
  routes: ["base", "clients", "config", "log", "control", "tokenizer", "metrics", "http", "usage", "views", "ui"],
  app: [
    "base",
    "config",
    "log",
    "control",
    "tokenizer",
    "metrics",
    "transport",
    "alerts",
    "sharing",
    "http",
    "usage",
    "clients",
    "views",
    "routes",
  ],
  cluster: [
    "alerts",
    "config",
    "log",
    "control",
    "metrics",
    "transport",
    "sharing",
    "http",
    "usage",
    "clients",
    "views",
    "app",
  ],
  demo: ["base", "app"],
  cli: ["base", "config", "log", "control", "transport", "sharing", "usage", "views", "app", "cluster", "demo"],
  index: ["config", "log", "transport", "app"],
};

describe("server", () => {
  it("has a row for every room, and a room for every row", () => {
    const rooms = new Set([...graphOf(server).keys()].map(roomOf));
    expect([...rooms].sort()).toEqual(Object.keys(serverRooms).sort());
  });

  it("keeps the table of which room may import which, types included", () => {
    const offences = [...graphOf(server)].flatMap(([file, targets]) =>
      targets
        .filter((target) => roomOf(target) !== roomOf(file) && !serverRooms[roomOf(file)]?.includes(roomOf(target)))
        .map((target) => `${file} imports ${target}`),
    );
    expect(offences).toEqual([]);
  });

  it("names in each row only rooms that are imported, and in rows above it", () => {
    const used = new Set(
      [...graphOf(server)].flatMap(([file, all]) => all.map((to) => `${roomOf(file)} → ${roomOf(to)}`)),
    );
    const order = Object.keys(serverRooms);
    for (const [room, allowed] of Object.entries(serverRooms)) {
      expect(allowed.filter((other) => !used.has(`${room} → ${other}`))).toEqual([]);
      expect(allowed.filter((other) => order.indexOf(other) >= order.indexOf(room))).toEqual([]);
    }
  });

  it("has no import circle of any kind", () => {
    expect(circles(graphOf(server))).toEqual([]);
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

  it("imports only core's entry points, and the internal one only where streams are written", () => {
    const deep = sources(server).flatMap((file) =>
      imports(file).filter(
        (name) =>
          /core\/src/.test(name) ||
          (name.startsWith("@ccpb/core/") &&
            !/^@ccpb\/core\/(?:config|protocol|sse|translate|tokens|vendors|testing|internal|package\.json)$/.test(
              name,
            )),
      ),
    );
    expect(deep).toEqual([]);
    const inside = sources(server).filter((file) => imports(file).includes("@ccpb/core/internal"));
    expect(inside.map((file) => relative(server, file).replaceAll(sep, "/"))).toEqual(["http/stream-writer.ts"]);
  });
});
