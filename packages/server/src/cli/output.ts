import { visible } from "../base/visible-text.ts";

/** Properties of a stream that output is fitted to. */
interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Decides whether to colour the output on `stream`: a terminal, and neither NO_COLOR nor TERM=dumb is set. */
export function hasColor(stream: OutputStream): boolean {
  const { NO_COLOR: noColor, TERM: terminal } = process.env;
  return stream.isTTY === true && (noColor === undefined || noColor === "") && terminal !== "dumb";
}

/**
 * Returns the width to fit output into, in columns: `COLUMNS` where it is set to a positive number, else the terminal's (80 where it does not tell),
 * and `Infinity` where the output is no terminal.
 */
export function widthOf(stream: OutputStream): number {
  const wished = Number(process.env["COLUMNS"]);
  if (Number.isInteger(wished) && wished > 0) return wished;
  if (stream.isTTY !== true) return Infinity;
  return stream.columns !== undefined && stream.columns > 0 ? stream.columns : 80;
}

/** Says on stderr what went wrong and what to do; answers `code`, so that a verb can end with it. */
export function complain(message: string, code: number): number {
  process.stderr.write(`ccpb: ${visible(message)}\n`);
  return code;
}
