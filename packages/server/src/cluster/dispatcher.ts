import { createServer, type Server, type Socket } from "node:net";
import { socketOptions } from "../http/http.ts";
import { listenOn } from "../http/listen.ts";
import type { ServerSettings } from "../config/server-settings.ts";
import type { WorkerProcess } from "./worker-process.ts";

/**
 * Accepts connections and hands each to a worker, in turn. A connection that a worker has not taken when it ends goes
 * to another. One that comes while no worker serves waits: node:cluster itself would leave both hanging
 * (docs/decisions/0016-workers.md).
 */
export class Dispatcher {
  readonly #server: Server;
  readonly #waiting: Socket[] = [];
  readonly #workers: WorkerProcess[] = [];
  readonly #limit: () => number;

  /** `limit`: how many connections may be on their way to the workers at once; a further one is closed. */
  constructor(limit: () => number) {
    this.#limit = limit;
    this.#server = createServer({ ...socketOptions, pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
      if (this.#underWay() < this.#limit()) this.#dispatch(socket);
      else socket.destroy();
    });
  }

  /** Starts to listen; rejects with the system's error. Answers the base URL. */
  listen(settings: ServerSettings): Promise<string> {
    return listenOn(this.#server, settings);
  }

  add(worker: WorkerProcess): void {
    this.#workers.push(worker);
    for (const socket of this.#waiting.splice(0)) this.#dispatch(socket);
  }

  /** The worker has ended. */
  remove(worker: WorkerProcess): void {
    const index = this.#workers.indexOf(worker);
    if (index !== -1) this.#workers.splice(index, 1);
    for (const socket of worker.takeBack()) this.#dispatch(socket);
  }

  /** Stops accepting and closes connections that wait for a worker. */
  close(): void {
    if (this.#server.listening) this.#server.close();
    for (const socket of this.#waiting.splice(0)) socket.destroy();
  }

  #underWay(): number {
    return this.#workers.reduce((sum, { connectionsUnderWay }) => sum + connectionsUnderWay, this.#waiting.length);
  }

  #dispatch(socket: Socket): void {
    socket.on("error", ignore);
    let [best] = this.#workers;
    for (const worker of this.#workers) {
      if (best !== undefined && worker.connectionsUnderWay < best.connectionsUnderWay) best = worker;
    }
    if (best === undefined) {
      if (this.#server.listening) this.#waiting.push(socket);
      else socket.destroy();
      return;
    }
    // To the end of the line: with nothing under way the next connection is another worker's.
    this.#workers.splice(this.#workers.indexOf(best), 1);
    this.#workers.push(best);
    best.handOver(socket);
  }
}

function ignore(): void {}
