import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CcpbProcess, Workspace } from "../cli/ccpb-process.ts";
import { call, postMessages, type TestReply } from "../running-server.ts";

/** A `ccpb serve` of several workers, with its folder. */
export class WorkersStage implements AsyncDisposable {
  readonly space = new Workspace();
  readonly ccpb: CcpbProcess;
  readonly #file: string;
  url = "";

  constructor(yaml: string, workers: number, ...args: readonly string[]) {
    this.#file = this.space.write("providers.yaml", yaml);
    this.ccpb = new CcpbProcess(this.space.folder, ["--workers", String(workers), ...args]);
  }

  /** Resolves when all serve. */
  static async start(yaml: string, workers = 2): Promise<WorkersStage> {
    const stage = new WorkersStage(yaml, workers);
    try {
      stage.url = await stage.ccpb.url();
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
    return stage;
  }

  write(yaml: string): void {
    this.space.write("providers.yaml", yaml);
  }

  get file(): string {
    return this.#file;
  }

  /** The log lines of all files so far, the oldest first; throws where a line is torn. A last line without its end is still being written. */
  lines(event?: string): Record<string, unknown>[] {
    const folder = join(this.space.folder, "logs");
    const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
    // The ledger of usage is a folder beside the log.
    const names = entries
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort()
      .reverse();
    return names
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .flatMap((text) => (this.#isRunning ? text.slice(0, text.lastIndexOf("\n") + 1) : text).split("\n"))
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => event === undefined || line["event"] === event);
  }

  /** Process ids by worker number, as the primary told them last. */
  async pids(): Promise<Map<number, number>> {
    await this.untilLines(() => this.lines("worker_started").length >= 2);
    return new Map(this.lines("worker_started").map((line) => [Number(line["worker"]), Number(line["pid"])]));
  }

  async untilLines(condition: () => boolean): Promise<void> {
    const untilMs = performance.now() + 60_000;
    while (!condition()) {
      if (performance.now() > untilMs) throw new Error(`it did not come true: ${this.ccpb.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  get #isRunning(): boolean {
    return this.ccpb.child.exitCode === null && this.ccpb.child.signalCode === null;
  }

  async stop(): Promise<number | string> {
    this.ccpb.child.kill("SIGTERM");
    return this.ccpb.exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ccpb[Symbol.asyncDispose]();
    this.space[Symbol.dispose]();
  }
}

/** Posts `count` requests one after the other, each on a connection of its own, so that the workers take turns. */
export async function ask(
  url: string,
  count: number,
  change: Readonly<Record<string, unknown>> = {},
): Promise<TestReply[]> {
  const replies: TestReply[] = [];
  for (let index = 0; index < count; index += 1) replies.push(await postMessages(url, change));
  return replies;
}

/** The sum of a metric's samples, of those whose labels match. */
export async function metric(url: string, name: string, labels = /./): Promise<number> {
  const { body } = await call(url, "/metrics");
  const found = [...body.matchAll(new RegExp(`^${name}(\\{.*\\})? (\\S+)$`, "gm"))];
  return found.filter(([line]) => labels.test(line)).reduce((sum, [, , value]) => sum + Number(value), 0);
}

/** Clients that send requests one after the other until they are stopped; what each got: a status, or the error's code. */
export class Load {
  readonly outcomes: (number | string)[] = [];
  readonly #clients: Promise<void>[];
  #isOver = false;

  constructor(url: string, clients: number, change: Readonly<Record<string, unknown>> = {}) {
    this.#clients = Array.from({ length: clients }, () => this.#run(url, change));
  }

  /** Resolves after `count` outcomes more. */
  async more(count: number): Promise<void> {
    const goal = this.outcomes.length + count;
    const untilMs = performance.now() + 60_000;
    while (this.outcomes.length < goal) {
      if (performance.now() > untilMs) throw new Error(`the load stands still at ${this.outcomes.length}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async stop(): Promise<readonly (number | string)[]> {
    this.#isOver = true;
    await Promise.all(this.#clients);
    return this.outcomes;
  }

  async #run(url: string, change: Readonly<Record<string, unknown>>): Promise<void> {
    while (!this.#isOver) {
      const outcome = await postMessages(url, change).then(
        ({ status }) => status,
        (error: NodeJS.ErrnoException) => error.code ?? error.message,
      );
      this.outcomes.push(outcome);
    }
  }
}
