import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { circles, graphOf, type ImportGraph, importsOf, isTest, sourceFiles } from "./import-graph.ts";

/** Which of the folders beside it a folder may import, types included; the folders stand from the ground up. */
type Rows = Readonly<Record<string, readonly string[]>>;

/** The packages. Their tests may import more. */
const packages: Rows = {
  core: [],
  "json-scan": [],
  "fake-upstream": [],
  redis: ["core"],
  "ai-sdk": ["core"],
  otel: ["core"],
  server: ["core", "json-scan", "fake-upstream", "redis"],
  benchmarks: ["core", "server"],
};

/** The rooms of core from the ground up: a room imports only rooms before it. */
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

/** The entries of core: no room imports them, and no other entry but `internal`. */
const coreEntries: readonly string[] = ["config", "testing", "translate", "internal"];

/** The rooms of the server. */
const serverRooms: Rows = {
  base: [],
  tokenizer: [],
  ui: [],
  config: ["base"],
  log: ["base", "config"],
  control: ["base"],
  metrics: ["base"],
  transport: ["base", "log"],
  alerts: ["base", "config", "log", "metrics", "transport"],
  usage: ["base", "log"],
  sharing: ["base", "config", "log", "control", "usage"],
  http: ["base", "config", "log", "metrics"],
  clients: ["base", "log", "metrics", "usage"],
  views: ["base", "control", "log", "metrics", "sharing", "usage"],
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
  demo: ["base", "log", "app"],
  cli: ["base", "config", "log", "control", "transport", "sharing", "usage", "views", "app", "cluster", "demo"],
};

/** Folders inside a room, and the folders of packages that need no table of rooms. */
const innerRooms: Rows = {
  "core/conversation/ids": [],
  "core/conversation/request": ["ids"],
  "core/conversation/answer": ["ids", "request"],
  "core/dialects/messages": [],
  "core/dialects/messages/envelopes": [],
  "core/dialects/chat": [],
  // A gateway that is asked in Responses can answer in Chat.
  "core/dialects/responses": ["chat"],
  "server/transport/authorize": [],
  "server/ui/page": [],
  "fake-upstream/validate": [],
  "benchmarks/fixtures": [],
  "benchmarks/rig": ["fixtures"],
  "benchmarks/candidates": ["fixtures", "rig"],
  "benchmarks/measure": ["fixtures", "rig", "candidates"],
  "benchmarks/report": ["fixtures", "rig", "measure"],
  "benchmarks/abuse": ["fixtures"],
  "benchmarks/linear": [],
  "benchmarks/memory": ["fixtures", "rig", "candidates"],
};

/** Every folder by its path below `packages`, without `src`. */
const rows: Rows = {
  ...packages,
  ...Object.fromEntries(coreRooms.map((room, index) => [`core/${room}`, coreRooms.slice(0, index)])),
  ...Object.fromEntries(coreEntries.map((entry) => [`core/${entry}`, coreRooms])),
  // The server explains, masks and shows configurations with parts of that entry which users are not promised.
  "core/internal": [...coreRooms, "config"],
  ...Object.fromEntries(Object.entries(serverRooms).map(([room, allowed]) => [`server/${room}`, allowed])),
  ...innerRooms,
};

const everything = graphOf(["packages", "examples", "scripts", "test"].flatMap(sourceFiles));

/** The sources of the packages without their tests: `core/base/json.ts`, with the sources that each imports. */
const sources: ImportGraph = new Map(
  [...everything]
    .filter(([file]) => isSource(file))
    .map(([file, targets]) => [named(file), targets.filter(isSource).map(named)]),
);

function isSource(file: string): boolean {
  return /^packages\/[^/]+\/src\//.test(file) && !isTest(file);
}

function named(file: string): string {
  return file.replace(/^packages\/([^/]+)\/src\//, "$1/");
}

/** One import from a folder into a folder beside it. */
interface Crossing {
  readonly file: string;
  readonly target: string;
  /** The path of the folder that imports, and the name of the folder beside it. */
  readonly from: string;
  readonly to: string;
}

/** Lists the imports that cross from folder to folder; those from and to the loose files of a folder around both cross nothing. */
function crossings(graph: ImportGraph): Crossing[] {
  return [...graph].flatMap(([file, targets]) =>
    targets.flatMap((target) => {
      const [path, other] = [file.split("/"), target.split("/")];
      const parting = path.findIndex((name, index) => name !== other[index]);
      if (parting < 0 || parting >= Math.min(path.length, other.length) - 1) return [];
      return [{ file, target, from: path.slice(0, parting + 1).join("/"), to: other[parting] as string }];
    }),
  );
}

/** Returns the folders of files, and the folders around those. */
function folders(graph: ImportGraph): Set<string> {
  return new Set(
    [...graph.keys()].flatMap((file) => {
      const path = file.split("/").slice(0, -1);
      return path.map((_, index) => path.slice(0, index + 1).join("/"));
    }),
  );
}

/** Lists what is wrong between sources and rows: folders without a row, rows without a folder, and imports that no row allows. */
function offences(graph: ImportGraph, table: Rows): string[] {
  const present = folders(graph);
  return [
    ...[...present].filter((folder) => !(folder in table)).map((folder) => `${folder} has no row`),
    ...Object.keys(table)
      .filter((folder) => !present.has(folder))
      .map((folder) => `${folder} has a row and no sources`),
    ...crossings(graph)
      .filter(({ from, to }) => table[from]?.includes(to) !== true)
      .map(({ file, target }) => `${file} imports ${target}`),
  ];
}

/** Lists what is wrong with rows by hand: names that are not imported, or do not stand above. */
function faultsOfRows(graph: ImportGraph, table: Rows): string[] {
  const used = new Set(crossings(graph).map(({ from, to }) => `${from} imports ${to}`));
  const order = Object.keys(table);
  return Object.entries(table).flatMap(([folder, allowed]) => [
    ...allowed.filter((to) => !used.has(`${folder} imports ${to}`)).map((to) => `${folder} does not import ${to}`),
    ...allowed
      .filter((to) => order.indexOf(folder.replace(/[^/]+$/, to)) >= order.indexOf(folder))
      .map((to) => `the row of ${to} does not stand above that of ${folder}`),
  ]);
}

describe("the rows", () => {
  it("stand for every folder of sources, and hold what each imports, types included", () => {
    expect(offences(sources, rows)).toEqual([]);
  });

  it("name only what is imported, and stand from the ground up", () => {
    const ofServer = Object.entries(serverRooms).map(([room, allowed]) => [`server/${room}`, allowed] as const);
    expect(faultsOfRows(sources, { ...packages, ...Object.fromEntries(ofServer), ...innerRooms })).toEqual([]);
  });

  it("find each kind of offence", () => {
    const table = { a: ["b"], b: [], "a/x": [], "a/y": ["x"] };
    const tried = (file: string, target: string): string[] => {
      const files = new Map<string, readonly string[]>(["a/x/1.ts", "a/y/1.ts", "b/1.ts"].map((one) => [one, []]));
      return offences(files.set(file, [target]), table);
    };
    expect(tried("a/y/2.ts", "a/x/1.ts")).toEqual([]);
    expect(tried("a/2.ts", "a/x/1.ts")).toEqual([]);
    expect(tried("a/x/2.ts", "b/1.ts")).toEqual([]);
    expect(tried("a/x/2.ts", "a/y/1.ts")).toEqual(["a/x/2.ts imports a/y/1.ts"]);
    expect(tried("b/2.ts", "a/x/1.ts")).toEqual(["b/2.ts imports a/x/1.ts"]);
    expect(tried("a/z/1.ts", "a/2.ts")).toEqual(["a/z has no row"]);
    expect(tried("c/1.ts", "b/1.ts")).toEqual(["c has no row", "c/1.ts imports b/1.ts"]);
    expect(offences(new Map([["b/1.ts", []]]), { b: [], c: [] })).toEqual(["c has a row and no sources"]);
    expect(faultsOfRows(new Map([["b/1.ts", ["a/1.ts"]]]), { b: ["a"], a: ["b"] })).toEqual([
      "the row of a does not stand above that of b",
      "a does not import b",
    ]);
  });
});

describe("all files", () => {
  it("make no circle of imports of any kind: sources, tests, examples and scripts", () => {
    expect(circles(everything)).toEqual([]);
  });

  it("import no index of their own package", () => {
    const around = [...sources].flatMap(([file, targets]) =>
      targets
        .filter((target) => target === `${file.split("/")[0]}/index.ts`)
        .map((target) => `${file} imports ${target}`),
    );
    expect(around).toEqual([]);
  });

  it("import other packages by their names; only micro-benchmarks and the makers of documents look inside", () => {
    const inside = [...everything.keys()]
      .filter((file) => !isTest(file) && /^(?:packages\/(?!benchmarks\/)[^/]+\/src|examples)\//.test(file))
      .flatMap((file) => importsOf(file).filter((name) => /(?:\.\.\/(?:[^./]+\/)+src|@ccpb\/[^/]+\/src)\//.test(name)));
    expect(inside).toEqual([]);
  });
});

describe("core", () => {
  const files = [...everything.keys()].filter((file) => file.startsWith("packages/core/src/") && !isTest(file));

  it("imports nothing of Node, and Zod only where the configuration is read", () => {
    const foreign = files.flatMap((file) =>
      importsOf(file)
        .filter((name) => !name.startsWith("."))
        .map((name) => `${file.replace("packages/core/src/", "").split("/")[0]} imports ${name}`),
    );
    expect(
      foreign.filter((one) => / (?:node:|undici$)/.test(one) || (/ zod/.test(one) && !one.startsWith("config "))),
    ).toEqual([]);
  });

  it("has no loose file but its index, as the server", () => {
    const loose = [...sources.keys()].filter((file) => /^(?:core|server)\/[^/]+$/.test(file));
    expect(loose.toSorted()).toEqual(["core/index.ts", "server/index.ts"]);
  });

  it("is told in docs/architecture.md in the order of the rows", () => {
    const page = readFileSync(resolve(import.meta.dirname, "../docs/architecture.md"), "utf8");
    const [, line = ""] = /^`(.* ← .*)`$/m.exec(page) ?? [];
    const told = line.split(" ← ").map((names) => names.split(", "));
    expect(told.flat().toSorted()).toEqual([...coreRooms].toSorted());
    // Rooms that stand together may have any order; each group lies above the one to its left.
    const order = told.map((group) => group.map((room) => coreRooms.indexOf(room)));
    for (const [index, group] of order.entries())
      expect(Math.min(...group)).toBeGreaterThan(Math.max(-1, ...order.slice(0, index).flat()));
  });
});

describe("server", () => {
  const files = [...everything.keys()].filter((file) => file.startsWith("packages/server/src/") && !isTest(file));

  it("imports only core's entry points, and is alone in importing the internal one", () => {
    const names = files.flatMap((file) => importsOf(file).filter((name) => name.startsWith("@ccpb/core/")));
    const entries = [
      "config",
      "protocol",
      "sse",
      "translate",
      "tokens",
      "vendors",
      "testing",
      "internal",
      "package.json",
    ];
    expect(names.filter((name) => !entries.includes(name.slice("@ccpb/core/".length)))).toEqual([]);
    const inside = [...everything.keys()].filter((file) => importsOf(file).includes("@ccpb/core/internal"));
    expect(inside).toContain("packages/server/src/http/stream-writer.ts");
    expect(inside.filter((file) => !file.startsWith("packages/server/"))).toEqual([]);
  });
});
