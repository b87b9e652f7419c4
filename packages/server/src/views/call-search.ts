import { linesFromEnd } from "../log/lines-from-end.ts";
import { CallHistory, type CallView, searchedCalls } from "./call-history.ts";
import { type CallQuery, findCalls, type FoundCalls } from "./find-calls.ts";
import { loggedCall } from "./logged-call.ts";
import { type LogTail, readTail } from "./log-tail.ts";

/** The settings that say where calls can be found. */
interface LogPlace {
  /** Absolute path of the log; null: none. */
  readonly logFile: string | null;
  readonly logLevel: string;
}

// With lines at DEBUG, 2,000 calls take some 10 MB.
const maxBytes = 32 * 1024 * 1024;
const maxFiles = 20;
/** Time for which a result is reused: a page repeats a search while a person types. */
const reuseMs = 2_000;

/**
 * Finds calls among the last 2,000 that ended, also before this process was started: those that processes remember, and those in the log. The log is read at
 * most once every two seconds, from its end, and not beyond 32 MiB.
 */
export class CallSearch {
  /** Calls that this process remembers. */
  readonly calls: CallHistory;
  readonly #place: () => LogPlace;
  readonly #findInTeam: (query: CallQuery) => Promise<FoundCalls> | undefined;
  #logged: Promise<readonly CallView[]> | undefined;
  #tail: Promise<LogTail> | undefined;

  /**
   * @param place - The settings in force; asked at each use.
   * @param findInTeam - Finds what any process remembers that serves this address; undefined where this one serves alone.
   */
  constructor(place: () => LogPlace, findInTeam: (query: CallQuery) => Promise<FoundCalls> | undefined) {
    this.#place = place;
    this.#findInTeam = findInTeam;
    this.calls = new CallHistory({ now: Date.now, isLogged: () => logsCalls(place()) });
  }

  /** Rejects with the system's error where the log cannot be read. */
  async find(query: CallQuery): Promise<FoundCalls> {
    const remembered = await this.#remembered(query);
    const path = this.#place().logFile;
    if (path === null) return remembered;
    this.#logged ??= this.#once(readLogged(path), () => (this.#logged = undefined));
    const logged = await this.#logged;
    // Remembered calls come last and win, because the log lacks parts of an attempt.
    return findCalls([...logged, ...remembered.calls], query);
  }

  /** The last lines of the log; rejects with the system's error where it cannot be read. */
  tail(): Promise<LogTail> {
    const path = this.#place().logFile;
    if (path === null) return Promise.resolve({ lines: [], isComplete: true });
    this.#tail ??= this.#once(readTail(path), () => (this.#tail = undefined));
    return this.#tail;
  }

  /** Searches the calls that this process alone remembers. */
  ownCalls(query: CallQuery): FoundCalls {
    return findCalls(this.calls.ended(), query);
  }

  #remembered(query: CallQuery): Promise<FoundCalls> {
    return this.#findInTeam(query) ?? Promise.resolve(this.ownCalls(query));
  }

  /** Drops `result` a moment after it has come. */
  #once<Result>(result: Promise<Result>, forget: () => void): Promise<Result> {
    const forgetSoon = (): void => void setTimeout(forget, reuseMs).unref();
    result.then(forgetSoon, forget);
    return result;
  }
}

async function readLogged(path: string): Promise<readonly CallView[]> {
  const calls: CallView[] = [];
  for await (const line of linesFromEnd(path, { maxBytes, maxFiles })) {
    const call = loggedCall(line);
    if (call !== undefined && calls.push(call) >= searchedCalls) break;
  }
  return calls;
}

/** Decides whether the log of a server has a line for each call that ends. */
function logsCalls({ logFile, logLevel }: LogPlace): boolean {
  return logFile !== null && (logLevel === "DEBUG" || logLevel === "INFO");
}
