import { serveMessages } from "../../../balancer.ts";

// An answer streams for minutes and is never the same twice.
export const dynamic = "force-dynamic";
export const maxDuration = 300;

export function POST(request: Request): Promise<Response> {
  return serveMessages(request);
}
