import type { Socket } from "node:net";
import type { Behaviour, IdleClose, WireStep } from "./behaviour.ts";
import type { Dialect } from "./dialect.ts";
import { RequestRecord } from "./recorded-request.ts";
import { type ReaderOutput, type RequestHead, RequestReader } from "./request-reader.ts";
import { closeSocket, pause, playSteps } from "./wire.ts";

/** Part of an upstream that its connections use. */
export interface ConnectionHost {
  readonly dialect: Dialect;
  /** Takes the next behaviour if it answers without the body; undefined if it does not. */
  takeEarly(head: RequestHead): Behaviour | undefined;
  nextNumber(): number;
  record(request: RequestRecord): void;
  /** Returns the steps to play on the socket for a recorded request. */
  answer(request: RequestRecord, early: Behaviour | undefined): readonly WireStep[];
}

/** Serves the requests of one connection, one after the other, until either end closes it. */
export class Connection {
  readonly #socket: Socket;
  readonly #number: number;
  readonly #host: ConnectionHost;
  readonly #reader = new RequestReader();
  readonly #left = new AbortController();
  #head: RequestHead | undefined;
  #early: Behaviour | undefined;
  #count = 0;
  #isClosing = false;
  /** Aborted where the idle connection is not to be closed any more. */
  #idle: AbortController | undefined;
  #queue: Promise<void> = Promise.resolve();

  constructor(socket: Socket, number: number, host: ConnectionHost) {
    this.#socket = socket;
    this.#number = number;
    this.#host = host;
  }

  start(): void {
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#idle?.abort();
      this.#left.abort();
    });
    socket.on("data", (bytes) => this.#receive(bytes));
  }

  #receive(bytes: Uint8Array): void {
    // A closed socket answers data with RST; one that we only half-closed has to do so itself, or the client would wait for ever.
    if (this.#isClosing && !this.#early) this.#socket.resetAndDestroy();
    if (this.#isClosing) return;
    this.#idle?.abort();
    for (const output of this.#reader.push(bytes)) this.#take(output);
  }

  #take(output: ReaderOutput): void {
    switch (output.type) {
      case "head":
        this.#head = output.head;
        this.#early = this.#host.takeEarly(output.head);
        if (this.#early) this.#respond(output.head, new Uint8Array(0), this.#early);
        return;
      case "body":
        if (this.#head && !this.#early) this.#respond(this.#head, output.body, undefined);
        return;
      case "malformed":
        this.#isClosing = true;
        this.#socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        return;
    }
  }

  #respond(head: RequestHead, body: Uint8Array, early: Behaviour | undefined): void {
    this.#count += 1;
    const request = new RequestRecord(head, body, {
      dialect: this.#host.dialect,
      number: this.#host.nextNumber(),
      connection: this.#number,
      onConnection: this.#count,
    });
    this.#host.record(request);
    this.#queue = this.#serve(this.#queue, request, early);
  }

  async #serve(previous: Promise<void>, request: RequestRecord, early: Behaviour | undefined): Promise<void> {
    await previous;
    const played = await playSteps(this.#socket, this.#host.answer(request, early), this.#left.signal);
    if (played.state === "closed") this.#isClosing = true;
    if (played.state === "keep-alive" && played.idleClose) void this.#closeWhenIdle(played.idleClose);
    request.end(played.state === "left");
  }

  /** Closes after the client has had a chance to read the answer: RST and bytes that come at once look like an orderly end. */
  async #closeWhenIdle({ by, idleMs }: IdleClose): Promise<void> {
    const idle = new AbortController();
    this.#idle = idle;
    await pause(idleMs, idle.signal);
    if (idle.signal.aborted) return;
    this.#isClosing = true;
    closeSocket(this.#socket, by);
  }
}
