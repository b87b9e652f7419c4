import { serve } from "../../../balancer.ts";

export const dynamic = "force-dynamic";

/** The probe that Claude Code sends to its base URL; Next.js answers HEAD by it, too. */
export function GET(request: Request): Promise<Response> {
  return serve(request);
}
