import { CcpbProcess, type Workspace } from "./ccpb-process.ts";

export interface RunResult {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ccpb` in a folder until it ends. */
export async function runCcpb(
  space: Workspace,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  const ccpb = new CcpbProcess(space.folder, args, env);
  ccpb.child.stdin.end();
  const code = await ccpb.exit;
  return { code, stdout: ccpb.stdout, stderr: ccpb.stderr };
}

// oxlint-disable-next-line no-control-regex -- the escape that no pipe shall see
export const escape: RegExp = /\u001b/;
