import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, packageFolder } from "./folders.ts";

/** Something that this machine lacks; the message says what and what to do. */
export class UnavailableError extends Error {
  override readonly name: string = "UnavailableError";
}

/**
 * Compiles `c/<name>.c` with the machine's `cc` and returns the path of the program; a program built from the same sources is used again.
 * Throws `UnavailableError` where there is no compiler or no epoll.
 */
export function nativeProgram(name: "upstream" | "load"): string {
  if (process.platform !== "linux") {
    throw new UnavailableError(
      "the upstream and the load generator use epoll: run the benchmarks on Linux (a container will do)",
    );
  }
  const folder = join(packageFolder(), "c");
  const source = join(folder, `${name}.c`);
  const digest = createHash("sha256")
    .update(readFileSync(source))
    .update(readFileSync(join(folder, "http.h")))
    .digest("hex");
  const program = join(cacheFolder("bin"), `${name}-${process.arch}-${digest.slice(0, 16)}`);
  if (existsSync(program)) return program;
  const compiler = process.env["CC"] ?? "cc";
  const building = `${program}.${process.pid}`;
  try {
    execFileSync(compiler, ["-O2", "-Wall", "-o", building, source], { stdio: ["ignore", "pipe", "pipe"] });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new UnavailableError(
        `no C compiler: "${compiler}" is not on the PATH (Debian: apt-get install gcc libc6-dev)`,
        { cause },
      );
    }
    throw new UnavailableError(
      `${compiler} could not build ${name}.c: ${String((cause as { stderr?: unknown }).stderr)}`,
      { cause },
    );
  }
  renameSync(building, program);
  return program;
}
