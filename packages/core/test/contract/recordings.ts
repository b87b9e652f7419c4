import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** One row of the recordings' index. */
export interface Recording {
  readonly id: string;
  readonly req: string | null;
  readonly res: string | null;
  readonly dialect: string;
  readonly vendor: string;
  readonly stream: boolean;
  readonly status: number;
  readonly shows: readonly string[];
}

const here = dirname(fileURLToPath(import.meta.url));
export const recordingsFolder: string = resolve(here, "../../../../../shared/fixtures");

/** The recordings are not part of the repository: tests that need them are skipped, and say so, where they are not there. */
export const hasRecordings: boolean = existsSync(join(recordingsFolder, "INDEX.json"));

export const skipReason = "the recordings (../shared/fixtures) are not here";

export function recordings(select: (recording: Recording) => boolean): readonly Recording[] {
  if (!hasRecordings) return [];
  const index = JSON.parse(readFileSync(join(recordingsFolder, "INDEX.json"), "utf8")) as readonly Recording[];
  return index.filter((recording) => recording.res !== null && select(recording));
}

export function responseBytes(recording: Recording): Uint8Array {
  const bytes = readFileSync(join(recordingsFolder, recording.res ?? ""));
  return bytes.subarray(0, 7).toString() === "base64:" ? Buffer.from(bytes.subarray(7).toString(), "base64") : bytes;
}

export function responseText(recording: Recording): string {
  return new TextDecoder().decode(responseBytes(recording));
}
