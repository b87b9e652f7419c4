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

/** Our own recordings, which are part of the repository: whoever misses one has a broken copy. */
export const ownFolder: string = resolve(here, "../recordings");

/** Recordings of other people's traffic, which are not part of the repository: an extra for whoever has them. */
export const sharedFolder: string = resolve(here, "../../../../../shared/fixtures");

/** Whether the shared recordings are there. */
export const hasShared: boolean = existsSync(join(sharedFolder, "INDEX.json"));

/** Every row of our own index and, where they are there, of the shared recordings', with the folder of its files. */
export function allRows(): readonly { readonly row: Recording; readonly folder: string }[] {
  return (hasShared ? [ownFolder, sharedFolder] : [ownFolder]).flatMap((folder) => {
    const index = JSON.parse(readFileSync(join(folder, "INDEX.json"), "utf8")) as readonly Recording[];
    return index.map((row) => ({ row, folder }));
  });
}

const folders = new Map<string, string>();

/** Returns the recordings with an answer that `select` takes; throws where our own index is missing. */
export function recordings(select: (recording: Recording) => boolean): readonly Recording[] {
  const chosen = allRows().filter(({ row }) => row.res !== null && select(row));
  for (const { row, folder } of chosen) folders.set(row.id, folder);
  return chosen.map(({ row }) => row);
}

export function responseBytes(recording: Recording): Uint8Array {
  const bytes = readFileSync(join(folders.get(recording.id) ?? ownFolder, recording.res ?? ""));
  return bytes.subarray(0, 7).toString() === "base64:" ? Buffer.from(bytes.subarray(7).toString(), "base64") : bytes;
}

export function responseText(recording: Recording): string {
  return new TextDecoder().decode(responseBytes(recording));
}
