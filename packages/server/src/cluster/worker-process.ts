import type { Worker } from "node:cluster";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { Overview } from "../views/overview.ts";
import type { QuestionToWorker, ToPrimary, ToWorker, WorkerAnswers } from "./messages.ts";
import { Questions } from "./questions.ts";

/** Reason why a worker ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Listener of the primary to a worker's messages. */
export interface WorkerListener {
  onMessage(worker: WorkerProcess, message: ToPrimary): void;
  onEnd(worker: WorkerProcess, end: WorkerEnd): void;
}

/** A worker as the primary sees it, from its fork to its end. */
export class WorkerProcess {
  /** Its number, from 1. */
  readonly number: number;
  readonly forkedAtMs: number = performance.now();
  /** It has said hello, and hears; then it has a configuration; then it serves. */
  state: "forked" | "greeted" | "configured" | "serving" | "ended" = "forked";
  hasServed = false;
  /** It has said how many requests its end cut off. */
  hasDrained = false;
  readonly ended: Promise<void>;
  /** Last overview that it sent. */
  lastOverview: Overview | undefined;
  /** Error that kept it from starting, in its own words. */
  failure: string | undefined;
  readonly #worker: Worker;
  readonly #questions = new Questions();
  readonly #handingOver = new Map<number, Socket>();
  #onEnded: () => void = ignore;
  #lastConnection = 0;
  #missedBeats = 0;

  constructor(number: number, worker: Worker, listener: WorkerListener) {
    this.number = number;
    this.#worker = worker;
    this.ended = new Promise((resolve) => (this.#onEnded = resolve));
    worker.on("message", (message: ToPrimary) => {
      this.#missedBeats = 0;
      if (message.type === "answer") this.#questions.answer(message.id, message.answer);
      else if (message.type === "accepted") this.#onAccepted(message.id);
      else if (message.type === "pong") return;
      else listener.onMessage(this, message);
    });
    // A message that cannot be sent is to a worker that is on its way out.
    worker.on("error", () => undefined);
    let isOver = false;
    worker.on("exit", (code: number | null, signal: string | null) => {
      if (isOver) return;
      isOver = true;
      this.state = "ended";
      this.#questions.cancel();
      listener.onEnd(this, { code, signal });
      this.#onEnded();
    });
  }

  /** Streams that it writes besides its log. */
  get outputs(): readonly Readable[] {
    const { stdout, stderr } = this.#worker.process;
    return [stdout, stderr].filter((output) => output !== null);
  }

  get pid(): number {
    return this.#worker.process.pid ?? 0;
  }

  /** Connections on their way to it. */
  get connectionsUnderWay(): number {
    return this.#handingOver.size;
  }

  send(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message, ignore);
  }

  /** Hands a connection over; it stays here until the worker has said that it has it. */
  handOver(socket: Socket): void {
    const id = ++this.#lastConnection;
    this.#handingOver.set(id, socket);
    const message: ToWorker = { type: "connection", id };
    if (this.#worker.isConnected()) this.#worker.process.send(message, socket, { keepOpen: true }, ignore);
  }

  /** The connections that it has not taken; they are the caller's again. */
  takeBack(): readonly Socket[] {
    const sockets = [...this.#handingOver.values()];
    this.#handingOver.clear();
    return sockets;
  }

  /**
   * Asks for a sign of life. Counts heartbeats, not time: a primary that was itself stopped, with its terminal say, has missed one when it goes on.
   *
   * @returns the number of heartbeats before this one that passed without a message from the worker.
   */
  beat(): number {
    const missed = this.#missedBeats;
    this.#missedBeats += 1;
    this.send({ type: "ping" });
    return missed;
  }

  /** Asks it; `undefined` when it has ended, or says nothing for `withinMs`. */
  ask<Question extends QuestionToWorker>(
    question: Question,
    withinMs: number,
  ): Promise<WorkerAnswers[Question["type"]] | undefined> {
    if (this.state === "ended") return Promise.resolve(undefined);
    const answer = this.#questions.ask((id) => this.send({ type: "question", id, question }), withinMs);
    // Both ends are this program: the answer is of the question's type.
    return answer as Promise<WorkerAnswers[Question["type"]] | undefined>;
  }

  kill(): void {
    this.#worker.process.kill("SIGKILL");
  }

  #onAccepted(id: number): void {
    const socket = this.#handingOver.get(id);
    this.#handingOver.delete(id);
    // Only this process's descriptor is closed: the worker has its own.
    socket?.destroy();
  }
}

function ignore(): void {}
