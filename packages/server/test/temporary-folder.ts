import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder that is gone when it is disposed. */
export class TemporaryFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "ccpb-"));

  /** Writes a file (its folders are made) and answers its path; readable by its owner alone unless `mode` says otherwise. */
  write(name: string, content: string | Uint8Array, mode = 0o600): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  [Symbol.dispose](): void {
    // A closed server may still create files that it began to write.
    rmSync(this.path, { recursive: true, force: true, maxRetries: 100, retryDelay: 20 });
  }
}
