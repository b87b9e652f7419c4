import { setTimeout as delay } from "node:timers/promises";

/** Output of a verb at one moment, and the exit code that it would end with. */
export interface Picture {
  readonly text: string;
  readonly code: number;
}

const everyMs = 1_000;

/**
 * Shows the result of `look` every second, until Ctrl-C or until the output is closed; returns the last picture's
 * code. On a terminal a picture replaces the one before, in a pipe they follow each other.
 */
export async function watch(look: () => Promise<Picture>): Promise<number> {
  const { stdout } = process;
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  stdout.once("error", () => stop.abort()); // the reader of a pipe left
  let code = 0;
  for (let isFirst = true; !stop.signal.aborted; isFirst = false) {
    const picture = await look();
    code = picture.code;
    stdout.write(stdout.isTTY ? replacing(picture.text, isFirst) : picture.text);
    await delay(everyMs, undefined, { signal: stop.signal }).catch(() => undefined); // stopped: the loop sees it
  }
  return code;
}

/** The text over what stands on the screen: line by line, so that nothing flickers. */
function replacing(text: string, isFirst: boolean): string {
  return `${isFirst ? "\u001b[2J" : ""}\u001b[H${text.replaceAll("\n", "\u001b[K\n")}\u001b[J`;
}
