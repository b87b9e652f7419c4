import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TemporaryFolder } from "../../test/temporary-folder.ts";
import { makeFolder } from "./make-folder.ts";

describe("makeFolder", () => {
  it("makes a folder with those above it, and again without complaint", () => {
    using temporary = new TemporaryFolder();
    const folder = join(temporary.path, "a/b/c");
    makeFolder(folder);
    makeFolder(folder);
    expect(existsSync(folder)).toBe(true);
  });

  it("throws where a file is in the way", () => {
    using temporary = new TemporaryFolder();
    writeFileSync(join(temporary.path, "file"), "");
    expect(() => makeFolder(join(temporary.path, "file/a"))).toThrow(/ENOTDIR/);
  });

  it.skipIf(process.platform !== "linux")("throws where the file system makes no folders, as /proc", () => {
    expect(() => makeFolder("/proc/ccpb/logs")).toThrow(/ENOENT/);
  });
});
