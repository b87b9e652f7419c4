/** The first part of an HTTP/1.1 request. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** Lower-case names; repeated ones joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly (readonly [string, string])[];
}

/** Result of a reader: a head, the whole body of the request whose head came before, or bytes that are no HTTP. */
export type ReaderOutput =
  | { readonly type: "head"; readonly head: RequestHead }
  | { readonly type: "body"; readonly body: Uint8Array }
  | { readonly type: "malformed"; readonly reason: string };

type State =
  | { readonly in: "head" }
  | { readonly in: "length"; readonly length: number }
  | { readonly in: "chunks"; readonly parts: Uint8Array[] };

/** Reads the requests of one connection as they arrive, pipelined ones too. */
export class RequestReader {
  #state: State = { in: "head" };
  #parts: Buffer[] = [];
  #size = 0;

  push(bytes: Uint8Array): readonly ReaderOutput[] {
    this.#parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#size += bytes.byteLength;
    const outputs: ReaderOutput[] = [];
    for (;;) {
      const output = this.#next();
      if (output === undefined) return outputs;
      outputs.push(output);
      if (output.type === "malformed") return outputs;
    }
  }

  #next(): ReaderOutput | undefined {
    switch (this.#state.in) {
      case "head":
        return this.#head();
      case "length":
        return this.#whole(this.#state.length);
      case "chunks":
        return this.#chunks(this.#state.parts);
    }
  }

  #head(): ReaderOutput | undefined {
    const bytes = this.#joined();
    const end = bytes.indexOf("\r\n\r\n");
    if (end === -1) return undefined;
    const head = parseHead(bytes.subarray(0, end).toString("latin1"));
    if (head === undefined) return { type: "malformed", reason: "no HTTP/1.1 request line" };
    this.#keep(bytes.subarray(end + 4));
    const chunked = /chunked/i.test(head.headers["transfer-encoding"] ?? "");
    this.#state = chunked
      ? { in: "chunks", parts: [] }
      : { in: "length", length: Number(head.headers["content-length"] ?? 0) };
    return { type: "head", head };
  }

  #whole(length: number): ReaderOutput | undefined {
    if (this.#size < length) return undefined;
    const bytes = this.#joined();
    this.#keep(bytes.subarray(length));
    this.#state = { in: "head" };
    return { type: "body", body: bytes.subarray(0, length) };
  }

  #chunks(parts: Uint8Array[]): ReaderOutput | undefined {
    for (;;) {
      const bytes = this.#joined();
      const lineEnd = bytes.indexOf("\r\n");
      if (lineEnd === -1) return undefined;
      const size = Number.parseInt(bytes.subarray(0, lineEnd).toString("latin1"), 16);
      if (Number.isNaN(size)) return { type: "malformed", reason: "chunk size" };
      if (bytes.length < lineEnd + 4 + size) return undefined;
      this.#keep(bytes.subarray(lineEnd + 4 + size));
      if (size === 0) {
        this.#state = { in: "head" };
        return { type: "body", body: Buffer.concat(parts) };
      }
      parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    }
  }

  #joined(): Buffer {
    if (this.#parts.length !== 1) this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0] ?? Buffer.alloc(0);
  }

  #keep(rest: Buffer): void {
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
  }
}

function parseHead(text: string): RequestHead | undefined {
  const [requestLine = "", ...lines] = text.split("\r\n");
  const match = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(requestLine);
  if (!match) return undefined;
  const headers: Record<string, string> = {};
  const rawHeaders: (readonly [string, string])[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    rawHeaders.push([name, value]);
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  return { method: match[1] ?? "", target: match[2] ?? "", headers, rawHeaders };
}
