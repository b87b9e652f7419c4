import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";
import { startFakeUpstream, text } from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it } from "vitest";
import { buildBinary, CcpbProcess, cli, Workspace } from "./ccpb-process.ts";
import { runCcpb } from "./run-ccpb.ts";

// Every run is a process of its own, and machines are busy.
beforeAll(buildBinary);

const root = join(import.meta.dirname, "../../../..");
const teamKey = "a-key-of-the-team-0123456789";
const env = { ANTHROPIC_API_KEY: "sk-ant-0123456789abcdef", CCPB_TEAM_KEY: teamKey };

function blockOf(page: string, language: string, holding: string): string {
  const blocks = [...readFileSync(join(root, page), "utf8").matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  const found = blocks.find(([, each, code = ""]) => each === language && code.includes(holding));
  if (found?.[2] === undefined) throw new Error(`${page} has no ${language} block with ${holding}`);
  return found[2];
}

/** Runs the page's lines that make a certificate, with this build as `ccpb`. */
async function makeCertificate(space: Workspace, page: string): Promise<void> {
  const script = `ccpb() { "${process.execPath}" "${cli}" "$@"; }\n${blockOf(page, "sh", "openssl req")}`;
  await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], {
    cwd: space.folder,
    env: { ...env, PATH: process.env["PATH"], HOME: space.folder },
  });
}

interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly ca: string;
  readonly host: string;
}

/** The status of a call over HTTPS, or the code of the failure to connect. */
function statusOf(url: string, { headers, ca, host }: Asked): Promise<number | string> {
  const body = JSON.stringify({ model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user", content: "Hi" }] });
  return new Promise((resolve) => {
    const request = httpsRequest(`${url}/v1/messages`, {
      method: "POST",
      agent: false,
      servername: "ccpb.lan",
      headers: { "content-type": "application/json", host, ...headers },
      ...(ca !== "" && { ca }),
    });
    request.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.end(body);
  });
}

describe.each(["docs/recipes/lan.md", "docs/recipes/lan.zh-CN.md"])("%s", (page) => {
  it("makes a certificate, and serves clients that trust it and show a key, under its names", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    using space = new Workspace();
    const file = blockOf(page, "yaml", "settings:").replace("https://api.anthropic.com", upstream.url);
    space.write("providers.yaml", file.replace("port: 8443", "port: 0"));
    await makeCertificate(space, page);
    const ca = readFileSync(join(space.folder, "tls/cert.pem"), "utf8");
    await using ccpb = new CcpbProcess(space.folder, [], env);
    const url = await ccpb.url();
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const shown = { headers: { authorization: `Bearer ${teamKey}` }, ca, host: "ccpb.lan" };
    expect(await statusOf(url, shown)).toBe(200);
    expect(await statusOf(url, { ...shown, headers: {} })).toBe(401);
    expect(await statusOf(url, { ...shown, host: "other.lan" })).toBe(403);
    expect(await statusOf(url, { ...shown, ca: "" })).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    const asked = { CCPB_URL: url, CCPB_API_KEY: teamKey };
    const trusted = { ...asked, NODE_EXTRA_CA_CERTS: join(space.folder, "tls/cert.pem") };
    expect(await runCcpb(space, ["status"], trusted)).toMatchObject({ code: 0 });
    const distrusted = await runCcpb(space, ["status"], asked);
    expect(distrusted.code).toBe(3);
    expect(distrusted.stderr).toContain("NODE_EXTRA_CA_CERTS");
  });

  it("lets a client show the key beside its own login, which alone is forwarded", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    using space = new Workspace();
    const file = blockOf(page, "yaml", "settings:").replace("https://api.anthropic.com", upstream.url);
    const own = file.replace("auth_value: ${ANTHROPIC_API_KEY}", "auth_type: passthrough");
    space.write("providers.yaml", own.replace("port: 8443", "port: 0"));
    await makeCertificate(space, page);
    const ca = readFileSync(join(space.folder, "tls/cert.pem"), "utf8");
    await using ccpb = new CcpbProcess(space.folder, [], env);
    const headers = { authorization: "Bearer sk-ant-oat-of-the-client", "api-key": teamKey };
    expect(await statusOf(await ccpb.url(), { headers, ca, host: "ccpb.lan" })).toBe(200);
    expect(upstream.requests[0]?.headers).toMatchObject({ authorization: headers.authorization });
    expect(JSON.stringify(upstream.requests[0]?.headers)).not.toContain(teamKey);
  });
});
