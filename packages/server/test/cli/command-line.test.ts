import { beforeAll, describe, expect, it } from "vitest";
import { buildBinary, CcpbProcess, Workspace } from "./ccpb-process.ts";

beforeAll(buildBinary);

async function run(...args: readonly string[]): Promise<{ code: number | string; stdout: string; stderr: string }> {
  using space = new Workspace();
  const ccpb = new CcpbProcess(space.folder, args);
  const code = await ccpb.exit;
  return { code, stdout: ccpb.stdout, stderr: ccpb.stderr };
}

describe("the command line", () => {
  it("prints its version", async () => {
    for (const option of ["--version", "-v", "-V"]) {
      expect(await run(option)).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: "" });
    }
  });

  it("prints its help, with every verb and the common options", async () => {
    for (const args of [["--help"], ["help"], ["serve", "--help"]]) {
      const { code, stdout } = await run(...args);
      expect(code).toBe(0);
      for (const word of ["--config", "--host", "--port"]) expect(stdout).toContain(word);
    }
    expect((await run("--help")).stdout).toMatch(/serve[\s\S]*demo/);
  });

  it("exits with 2 for a verb or an option that does not exist, and suggests one", async () => {
    const verb = await run("srve");
    expect(verb).toMatchObject({ code: 2, stdout: "" });
    expect(verb.stderr).toContain("unknown command 'srve'");
    expect(verb.stderr).toContain("serve");
    const option = await run("--prot", "1");
    expect(option).toMatchObject({ code: 2, stdout: "" });
    expect(option.stderr).toContain("--prot");
    expect((await run("--port")).code).toBe(2);
  });

  it("exits with 2 for options that exclude each other or change nothing, and says so", async () => {
    const both = await run("usage", "--json", "--csv");
    expect(both).toMatchObject({ code: 2, stdout: "" });
    expect(both.stderr).toContain("error: --json and --csv exclude each other: write only one of them");
    const idle = await run("version", "--port", "1");
    expect(idle).toMatchObject({ code: 2, stdout: "" });
    expect(idle.stderr).toContain("error: --port changes nothing for version: leave it out");
  });

  it("exits with 2 where there is no configuration, and says what to do", async () => {
    const { code, stderr } = await run();
    expect(code).toBe(2);
    expect(stderr).toContain("no configuration found");
    expect(stderr).not.toContain("    at ");
  });
});
