import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@redis/client";

const command = ["redis-server", "valkey-server"].find((name) => spawnSync(name, ["--version"]).status === 0);

/** Whether there is a Redis or Valkey to test with: Debian's package redis-server. */
export const hasRedis: boolean = command !== undefined;

/** For the name of a test that needs one. */
export const redisNotice: string = hasRedis ? "" : " (skipped: redis-server is not installed)";

/** A Redis of the test's own, on a free port of the loopback, that keeps nothing on disk. */
export class TestRedis implements AsyncDisposable {
  readonly port: number;
  readonly #args: readonly string[];
  readonly #folder = mkdtempSync(join(tmpdir(), "ccpb-redis-"));
  #process: ChildProcess | undefined;

  private constructor(port: number, args: readonly string[]) {
    this.port = port;
    this.#args = args;
  }

  static async start(...args: readonly string[]): Promise<TestRedis> {
    for (let tries = 1; ; tries += 1) {
      const redis = new TestRedis(await freePort(), args);
      try {
        await redis.restart();
        return redis;
      } catch (error) {
        await redis[Symbol.asyncDispose]();
        if (tries === 5) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it again on the same port, empty. */
  async restart(): Promise<void> {
    const own = ["--port", String(this.port), "--bind", "127.0.0.1", "--save", "", "--dir", this.#folder];
    this.#process = spawn(command ?? "redis-server", [...own, ...this.#args], { stdio: "ignore" });
    await listening(this.port, this.#process);
  }

  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined) return;
    process.kill("SIGKILL");
    if (process.exitCode === null && process.signalCode === null) await once(process, "exit");
  }

  /** It takes connections, and answers nothing. */
  pause(): void {
    this.#process?.kill("SIGSTOP");
  }

  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  /** Runs one command. */
  async command(...args: string[]): Promise<unknown> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false } });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return await client.sendCommand(args);
    } finally {
      client.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * A port of the loopback that nothing listens on, from below those that the system gives away by itself: neither an
 * outgoing connection nor a test server of another file takes it before it is used.
 */
export async function freePort(): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const port = randomInt(10_000, 32_000);
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (error) {
      // Somebody listens there.
      if (tries === 100) throw error;
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}

async function listening(port: number, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 1_000 && server.exitCode === null && server.signalCode === null; tries += 1) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    } finally {
      socket.destroy();
    }
  }
  throw new Error("redis-server does not listen");
}
