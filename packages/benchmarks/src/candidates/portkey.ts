import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { upstreamKey } from "../rig/upstream.ts";
import { upstreamModel } from "../fixtures/workloads.ts";
import { type Candidate, type Scenario, needsTranslation } from "./candidate.ts";
import { installPeer } from "./install-peer.ts";
import { startProxy } from "./start-proxy.ts";

let folder = "";

// The gateway has no option for the address it listens on; this keeps it on loopback. And every stream fails with the Response that
// @hono/node-server 1.x puts in place of Node's own (its headers are then the immutable ones of the fetched answer): Node's own stays.
const preloaded = `
const { defineProperty } = Object;
Object.defineProperty = (object, name, ...rest) =>
  object === globalThis && name === "Response" ? object : defineProperty(object, name, ...rest);
const { Server } = require("node:net");
const { listen } = Server.prototype;
Server.prototype.listen = function (first, ...rest) {
  if (typeof first === "object") return listen.call(this, { ...first, host: "127.0.0.1" }, ...rest);
  return listen.call(this, first, "127.0.0.1", ...rest.filter((each) => typeof each !== "string"));
};
`;

/** Portkey's open-source gateway; what it does with a request stands in the request's headers. */
export const portkey: Candidate = {
  name: "portkey",
  note: "@portkey-ai/gateway 1.15.2, the model by override_params, Node's own Response class",
  requestBody: "rewritten",
  answerBody: "rewritten",
  unfit: needsTranslation,
  prepare: () => {
    folder = installPeer("@portkey-ai/gateway", "1.15.2");
  },
  start: (scenario) => {
    const preload = join(scenario.folder, "preload.cjs");
    writeFileSync(preload, preloaded);
    return startProxy(scenario, {
      line: (port) => [
        scenario.node,
        "--require",
        preload,
        join(folder, "build", "start-server.js"),
        `--port=${port}`,
        "--headless",
      ],
      headers: { "x-portkey-config": JSON.stringify(routing(scenario)) },
    });
  },
};

function routing(scenario: Scenario): object {
  const targets = scenario.upstreamPorts.map((port) => ({
    provider: "anthropic",
    api_key: upstreamKey,
    custom_host: `http://127.0.0.1:${port}/v1`,
    override_params: { model: upstreamModel },
  }));
  return targets.length === 1 ? (targets[0] ?? {}) : { strategy: { mode: "fallback" }, targets };
}
