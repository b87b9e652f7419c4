import { Balancer, type ProviderConfig } from "@ccpb/core";
import { serveWith } from "./worker.ts";

/** The Worker of the test of faults: each request brings the providers of its balancer, so that one Worker stands for hundreds. */
export default {
  fetch(request: Request): Promise<Response> {
    const providers = JSON.parse(request.headers.get("x-test-providers") ?? "[]") as readonly ProviderConfig[];
    return serveWith(new Balancer({ providers }))(request);
  },
};
