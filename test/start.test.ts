import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A checkout with the real scripts, the real manifests, and sources of one line; its bundler is a program of the test. */
class Checkout implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "ccpb-start-"));

  constructor() {
    cpSync(join(root, "scripts"), join(this.folder, "scripts"), { recursive: true });
    for (const name of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", "tsconfig.base.json"])
      cpSync(join(root, name), join(this.folder, name));
    for (const name of ["core", "server", "redis", "fake-upstream", "json-scan"]) {
      this.write(`packages/${name}/src/index.ts`, "export {};\n");
      cpSync(join(root, `packages/${name}/package.json`), join(this.folder, `packages/${name}/package.json`));
      this.write(`packages/${name}/tsup.config.ts`, "export default {};\n");
    }
    for (const name of ["third-party-licences.ts", "builtin-modules.ts"]) this.write(`packages/server/${name}`, "");
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  /** As an install leaves it, with a bundler that writes a command which prints `text`, or fails. */
  install(bundler: { readonly prints: string } | { readonly fails: string }): void {
    const { dependencies } = JSON.parse(readFileSync(join(root, "packages/server/package.json"), "utf8")) as {
      readonly dependencies: Record<string, string>;
    };
    for (const name of Object.keys(dependencies)) this.write(`packages/server/node_modules/${name}/package.json`, "{}");
    const works = `import { mkdirSync, writeFileSync } from "node:fs";
      mkdirSync(process.argv.at(-1), { recursive: true });
      writeFileSync(process.argv.at(-1) + "/cli.js", ${JSON.stringify("prints" in bundler ? `console.log(${JSON.stringify(bundler.prints)}, ...process.argv.slice(2));` : "")});`;
    const fails = `console.error(${JSON.stringify("fails" in bundler ? bundler.fails : "")}); process.exit(1);`;
    this.write("node_modules/tsup/package.json", '{ "name": "tsup", "type": "module" }');
    this.write("node_modules/tsup/dist/cli-default.js", "prints" in bundler ? works : fails);
  }

  /** `npm start` without npm's own start. `before`: arguments of Node. */
  start(
    args: readonly string[] = [],
    env: Record<string, string> = {},
    before: readonly string[] = [],
  ): Promise<Outcome> {
    const all = [...before, join(this.folder, "scripts/start.mjs"), ...args];
    const options = { cwd: this.folder, env: { ...process.env, HOME: this.folder, ...env }, timeout: 500_000 };
    return new Promise((done) => {
      execFile(process.execPath, all, options, (error, stdout, stderr) => {
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function stamped(checkout: Checkout): Promise<void> {
  // The stamp of an install, as the installer leaves it.
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha1");
  for (const name of ["pnpm-lock.yaml", "pnpm-workspace.yaml"]) hash.update(readFileSync(join(checkout.folder, name)));
  checkout.write("node_modules/.ccpb-installed", `run ${hash.digest("hex")}`);
}

const hasNoLeftovers = (checkout: Checkout): void => {
  expect(existsSync(join(checkout.folder, ".ccpb-setup.lock"))).toBe(false);
  for (const name of ["core", "server", "redis"])
    expect(readdirSync(join(checkout.folder, "packages", name)).filter((each) => each.startsWith("dist."))).toEqual([]);
};

describe("npm start", () => {
  const servers: { close(): void }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it("builds once, hands the arguments on, and then runs the command with nothing said", async () => {
    using checkout = new Checkout();
    checkout.install({ prints: "one" });
    await stamped(checkout);
    const first = await checkout.start(["schema", "--x"]);
    expect(first).toMatchObject({ code: 0, stdout: "one schema --x\n" });
    expect(first.stderr).toContain("building ccpb");
    checkout.install({ fails: "not to be called" });
    expect(await checkout.start(["status"])).toEqual({ code: 0, stdout: "one status\n", stderr: "" });
    hasNoLeftovers(checkout);
  });

  it("builds again when a source has changed, without an install", async () => {
    using checkout = new Checkout();
    checkout.install({ prints: "one" });
    await stamped(checkout);
    await checkout.start();
    checkout.install({ prints: "two" });
    checkout.write("packages/core/src/index.ts", "export const changed = 1;\n");
    expect(await checkout.start()).toMatchObject({ code: 0, stdout: "two\n" });
  });

  it("keeps the command that is built where the next build fails, and says why", async () => {
    using checkout = new Checkout();
    checkout.install({ prints: "one" });
    await stamped(checkout);
    await checkout.start();
    checkout.install({ fails: "Unexpected token in index.ts" });
    checkout.write("packages/core/src/index.ts", "export const = 1;\n");
    const { code, stderr } = await checkout.start();
    expect(code).toBe(1);
    expect(stderr).toContain("packages/core could not be built");
    expect(stderr).toContain("Unexpected token in index.ts");
    expect(stderr).not.toContain(" at ");
    expect(existsSync(join(checkout.folder, "packages/server/dist/cli.js"))).toBe(true);
    hasNoLeftovers(checkout);
  });

  it.each(["18.20.8", "20.18.3", "21.7.3", "22.2.0"])("refuses Node %s before it touches anything", async (version) => {
    using checkout = new Checkout();
    checkout.install({ prints: "one" });
    await stamped(checkout);
    await checkout.start();
    checkout.write("packages/core/src/index.ts", "export const changed = 1;\n");
    checkout.write("old.cjs", `Object.defineProperty(process.versions, "node", { value: "${version}" });`);
    const { code, stdout, stderr } = await checkout.start([], {}, ["--require", join(checkout.folder, "old.cjs")]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`Node.js ${version}`);
    expect(stderr).toContain("20.19");
    expect(stderr).not.toContain(" at ");
    expect(existsSync(join(checkout.folder, "packages/server/dist/cli.js"))).toBe(true);
  });

  it("says what to do where the registry refuses connections", async () => {
    using checkout = new Checkout();
    const { code, stdout, stderr } = await checkout.start([], { npm_config_registry: "http://127.0.0.1:1/" });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("installing what ccpb needs to run");
    expect(stderr).toContain("ECONNREFUSED");
    expect(stderr).toContain("The package registry cannot be reached. Connect to the network");
    hasNoLeftovers(checkout);
  });

  it("says what to do where the registry wants a login", async () => {
    using checkout = new Checkout();
    const server = createServer((_request, response) => response.writeHead(401).end()).listen(0, "127.0.0.1");
    servers.push(server);
    await new Promise((listening) => server.once("listening", listening));
    const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { code, stderr } = await checkout.start([], { npm_config_registry: registry });
    expect(code).toBe(1);
    expect(stderr).toContain("E401");
    expect(stderr).toContain("refuses");
  });

  it("waits for another start that builds, and takes over a lock whose process is gone", async () => {
    using checkout = new Checkout();
    checkout.install({ prints: "one" });
    await stamped(checkout);
    const both = await Promise.all([checkout.start(), checkout.start()]);
    expect(both.map(({ code, stdout }) => ({ code, stdout }))).toEqual([
      { code: 0, stdout: "one\n" },
      { code: 0, stdout: "one\n" },
    ]);
    checkout.write("packages/core/src/index.ts", "export const changed = 1;\n");
    // No process has this number: it is above the largest that Linux gives out.
    checkout.write(".ccpb-setup.lock", "4194999");
    expect(await checkout.start()).toMatchObject({ code: 0, stdout: "one\n" });
    hasNoLeftovers(checkout);
  });
});

describe("the manifests", () => {
  interface Manifest {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
    readonly peerDependencies: Readonly<Record<string, string>>;
  }
  const manifest = (name: string) => JSON.parse(readFileSync(join(root, name), "utf8")) as Manifest;

  it("have what the build bundles among the root's dependencies, in the versions of the server's", () => {
    const { dependencies } = manifest("package.json");
    const { devDependencies, peerDependencies } = manifest("packages/server/package.json");
    const { "playwright-core": _forTests, ...others } = devDependencies;
    // Peers are loaded when a provider needs them, and stay out of the bundle; those of the workspace come with a clone.
    const isBundled = ([name]: readonly [string, string]): boolean =>
      !(name in peerDependencies) || name.startsWith("@ccpb/");
    const bundled = Object.fromEntries(Object.entries(others).filter(isBundled));
    const { tsup: _bundler, ...named } = dependencies;
    expect(named).toEqual(bundled);
  });
});
