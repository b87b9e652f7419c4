import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TemporaryFolder } from "../../../test/temporary-folder.ts";
import { globalFolders, loadOptional } from "./optional-package.ts";

const missing = (): Promise<never> => Promise.reject(new Error("Cannot find package 'x'"));
const google = { name: "google-auth-library", need: "auth_type: google", packages: ["google-auth-library"] };

describe("a package that is missing", () => {
  it("is named with the commands that install it, the usual one within what is shown of a reason", async () => {
    await expect(loadOptional(missing, { ...google, folders: [] })).rejects.toThrow(
      "auth_type: google needs a package that cannot be loaded: npm install --global google-auth-library (without --global beside a local @ccpb/server; with npx: npx --yes --package google-auth-library --package @ccpb/server ccpb)",
    );
    const aws = ["@smithy/signature-v4", "@aws-sdk/credential-providers"];
    const error = await loadOptional(missing, { name: "x", need: "auth_type: aws", packages: aws, folders: [] }).catch(
      (thrown: unknown) => thrown,
    );
    expect(String(error).slice(0, 200)).toContain(`npm install --global ${aws.join(" ")} (`);
  });

  it("is taken from the global folder, by its name alone", async () => {
    using folder = new TemporaryFolder();
    folder.write("lib/node_modules/ccpb-test-optional/package.json", '{"name":"ccpb-test-optional","main":"main.js"}');
    folder.write("lib/node_modules/ccpb-test-optional/main.js", "exports.word = 'found';");
    folder.write("lib/node_modules/ccpb-test-broken/package.json", '{"name":"ccpb-test-broken","main":"nowhere.js"}');
    const folders = [join(folder.path, "none"), join(folder.path, "lib/node_modules")];
    const load = (name: string): Promise<unknown> => loadOptional<unknown>(missing, { ...google, name, folders });
    expect(await load("ccpb-test-optional")).toEqual({ word: "found" });
    await expect(load("ccpb-test-broken")).rejects.toThrow(/^auth_type: google needs a package/);
  });

  it("is not looked for where the import finds it", async () => {
    expect(await loadOptional(() => Promise.resolve("imported"), { ...google, folders: [] })).toBe("imported");
  });
});

it("the global folders follow from the command, npm's prefix and Node's own place", () => {
  const place = { argv: ["/usr/bin/node", "/home/me/.local/bin/ccpb"], execPath: "/usr/bin/node" };
  expect(globalFolders({ ...place, env: {} })).toEqual([
    "/home/me/.local/lib/node_modules",
    "/usr/lib/node_modules",
    "/usr/bin/node_modules",
  ]);
  expect(globalFolders({ ...place, env: { npm_config_global_prefix: "/opt/npm" } })).toContain(
    "/opt/npm/lib/node_modules",
  );
  expect(globalFolders({ ...place, env: { APPDATA: "/appdata" } })).toContain("/appdata/npm/node_modules");
});
