import { appendFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { TemporaryFolder } from "../../test/temporary-folder.ts";
import { watchConfig } from "./watch.ts";

const wait = { timeout: 30_000, interval: 10 };

interface Watched extends Disposable {
  readonly changes: () => number;
  /** Does `write` and waits until it is noticed. */
  readonly notices: (write: () => void) => Promise<void>;
}

function watched(path: string): Watched {
  let changes = 0;
  const errors: unknown[] = [];
  const watcher = watchConfig(path, () => changes++, {
    pollMs: 10,
    quietMs: 40,
    onError: (error) => errors.push(error),
  });
  return {
    changes: () => changes,
    async notices(write) {
      const before = changes;
      write();
      await vi.waitFor(() => expect(changes).toBe(before + 1), wait);
      expect(errors).toEqual([]);
    },
    [Symbol.dispose]: () => watcher[Symbol.dispose](),
  };
}

test("notices a write in place, renames over the file one after the other, and its deletion and return", async () => {
  using folder = new TemporaryFolder();
  const path = folder.write("providers.yaml", "a");
  using file = watched(path);
  await file.notices(() => appendFileSync(path, "b"));
  for (const round of [1, 2, 3]) {
    await file.notices(() => renameSync(folder.write(".providers.yaml.swp", `round ${round}`), path));
  }
  rmSync(path);
  await pause();
  await file.notices(() => writeFileSync(path, "back"));
  await file.notices(() => appendFileSync(path, "more"));
});

test("notices an editor that moves the old file away first", async () => {
  using folder = new TemporaryFolder();
  const path = folder.write("providers.yaml", "a");
  using file = watched(path);
  for (const round of [1, 2]) {
    await file.notices(() => {
      renameSync(path, `${path}~`);
      writeFileSync(path, `b ${round}`);
    });
  }
});

test("notices a write that leaves the size as it was", async () => {
  using folder = new TemporaryFolder();
  const path = folder.write("providers.yaml", "one");
  using file = watched(path);
  await file.notices(() => writeFileSync(path, "two"));
});

test("a write that changes nothing is no change", async () => {
  using folder = new TemporaryFolder();
  const path = folder.write("providers.yaml", "same");
  using file = watched(path);
  writeFileSync(path, "same");
  rmSync(path);
  writeFileSync(path, "same");
  await pause();
  await pause();
  await pause();
  expect(file.changes()).toBe(0);
  await file.notices(() => writeFileSync(path, "other"));
});

test("several writes in a row are one change, seen when the file is left alone", async () => {
  using folder = new TemporaryFolder();
  const path = folder.write("providers.yaml", "a");
  using file = watched(path);
  await file.notices(() => {
    for (const step of ["", "half", "half and half"]) writeFileSync(path, step);
  });
  await pause();
  await pause();
  expect(file.changes()).toBe(1);
});

test("notices a file behind a link that is swapped as a whole, as Kubernetes does", async () => {
  using folder = new TemporaryFolder();
  folder.write("v0/providers.yaml", "version 0");
  symlinkSync("v0", join(folder.path, "..data"));
  symlinkSync("..data/providers.yaml", join(folder.path, "providers.yaml"));
  using file = watched(join(folder.path, "providers.yaml"));
  for (const version of [1, 2]) {
    await file.notices(() => {
      folder.write(`v${version}/providers.yaml`, `version ${version}`);
      symlinkSync(`v${version}`, join(folder.path, "..data_tmp"));
      renameSync(join(folder.path, "..data_tmp"), join(folder.path, "..data"));
    });
  }
});

test("says nothing after it was disposed", async () => {
  using folder = new TemporaryFolder();
  const path = folder.write("providers.yaml", "a");
  const file = watched(path);
  await file.notices(() => writeFileSync(path, "b"));
  writeFileSync(path, "one more, still within the quiet time");
  file[Symbol.dispose]();
  await pause();
  await pause();
  expect(file.changes()).toBe(1);
});

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 45);
  });
}
