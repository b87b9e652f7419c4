// The letters of a thinking signature of ours, so that one search over a request finds both.
const prefix = "srvtoolu_ccpb1_";

/** Returns the id of a server tool's call that a translator made up; `upstreamId` is what the upstream called it. Anthropic's API must never be sent it. */
export function forgeServerToolId(upstreamId: string): string {
  return prefix + upstreamId.replaceAll(/[^A-Za-z0-9_]/g, "_");
}

/** Decides whether `forgeServerToolId` made the id. */
export function isForgedServerToolId(id: string | undefined): boolean {
  return id?.startsWith(prefix) === true;
}
