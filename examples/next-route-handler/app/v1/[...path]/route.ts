import { serve } from "../../../balancer.ts";

// An answer streams for minutes and is never the same twice.
export const dynamic = "force-dynamic";
export const maxDuration = 300;

// Messages, Chat Completions and Responses are posted; lists of models and stored responses are read.
export function GET(request: Request): Promise<Response> {
  return serve(request);
}

export function POST(request: Request): Promise<Response> {
  return serve(request);
}

export function DELETE(request: Request): Promise<Response> {
  return serve(request);
}
