import { serveMessages } from "../../../../balancer.ts";

export const dynamic = "force-dynamic";

export function POST(request: Request): Promise<Response> {
  return serveMessages(request);
}
