import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One connection of a client that sees every byte. */
export class RawClient implements Disposable {
  readonly socket: Socket;
  /** What arrived, one entry per read. */
  readonly reads: Buffer[] = [];
  /** How the upstream ended the connection. */
  end: "open" | "fin" | "reset" = "open";
  readonly #changes = new Set<() => void>();

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.socket.setNoDelay(true);
    this.socket.on("data", (bytes) => {
      this.reads.push(bytes);
      this.#changed();
    });
    this.socket.on("end", () => {
      this.end = "fin";
      this.#changed();
    });
    this.socket.on("error", (error) => {
      if ("code" in error && error.code === "ECONNRESET") this.end = "reset";
      this.#changed();
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.reads);
  }

  get text(): string {
    return this.bytes.toString("utf8");
  }

  /** The body of the only response, out of its chunks. */
  get body(): string {
    const bytes = this.bytes;
    const end = bytes.indexOf("\r\n\r\n");
    const head = bytes.subarray(0, end).toString("latin1");
    const body = bytes.subarray(end + 4);
    return (/transfer-encoding: chunked/i.test(head) ? unchunked(body) : body).toString("utf8");
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.text)?.[1]);
  }

  header(name: string): string | undefined {
    return new RegExp(`^${name}: (.*)$`, "im").exec(this.text.split("\r\n\r\n", 1)[0] ?? "")?.[1]?.trim();
  }

  post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    const text = JSON.stringify(body);
    const all = { host: "127.0.0.1", "content-length": String(Buffer.byteLength(text)), ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${text}`);
  }

  /** Waits until the claim holds; looks again after every read and at the end. */
  async until(claim: () => boolean): Promise<void> {
    while (!claim()) {
      await new Promise<void>((resolve) => {
        this.#changes.add(resolve);
      });
    }
  }

  async ended(): Promise<"fin" | "reset"> {
    await this.until(() => this.end !== "open");
    return this.end === "reset" ? "reset" : "fin";
  }

  /** A whole response in order: its last chunk or its whole length. */
  async whole(): Promise<void> {
    await this.until(() => {
      const length = this.header("content-length");
      const head = this.bytes.indexOf("\r\n\r\n");
      if (head === -1) return false;
      if (this.status === 204) return true;
      if (length !== undefined) return this.bytes.length >= head + 4 + Number(length);
      return this.text.endsWith("\r\n0\r\n\r\n") || this.end !== "open";
    });
  }

  /** Resolves false if anything at all comes, or the connection ends, within the time. */
  async isSilentFor(ms: number): Promise<boolean> {
    const before = this.reads.length;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.reads.length === before && this.end === "open";
  }

  async connected(): Promise<void> {
    if (this.socket.connecting) await once(this.socket, "connect");
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #changed(): void {
    for (const resolve of this.#changes) resolve();
    this.#changes.clear();
  }
}

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd === -1) return Buffer.concat(parts);
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString("latin1"), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 4 + size;
  }
}

/** The data of every server-sent event in the text; `[DONE]` as it stands. */
export function eventData(text: string): readonly Record<string, unknown>[] {
  return text
    .split("\n\n")
    .flatMap((event) => event.split("\n").filter((line) => line.startsWith("data: ")))
    .map((line) => (line === "data: [DONE]" ? { done: true } : JSON.parse(line.slice(6))));
}
