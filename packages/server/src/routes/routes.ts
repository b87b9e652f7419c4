import { CcpbError, type ClientPath, clientPaths, dialectOfPath } from "@ccpb/core";
import { refuseBodyType } from "../http/guard.ts";
import type { Action } from "../http/permissions.ts";
import { type InboundRequest, pageFolder } from "../http/inbound-request.ts";
import { getHealth, getRoot, headHello } from "./liveness.ts";
import { modelHandler, passToProvider } from "./messages.ts";
import { getMetrics } from "./metrics.ts";
import { getModel, getModels, modelPath } from "./models.ts";
import { getControls, postControl } from "./control.ts";
import { readControlPath } from "../control/parse-command.ts";
import { getExplanation, getProviders, postReload } from "./providers.ts";
import { getUsage } from "./usage.ts";
import { getCalls, getLog, getPage, getState, redirectToPage } from "./ui.ts";
import type { Handler } from "./server-context.ts";

/** The handlers of one path by method. */
interface Route {
  /** Held against the table of roles before a handler is called. */
  readonly action: Action;
  readonly handlers: ReadonlyMap<string, Handler>;
  /** The value of an `Allow` header. */
  readonly allow: string;
}

const served = `Served are POST ${clientPaths.map(pathOf).join(", ")}, GET /v1/models, /v1/models/{id}, /health, /providers, /providers/explain, /controls, /usage, /metrics and /ui.`;

/** The routes of the APIs of clients. */
const modelRoutes: readonly (readonly [string, Route])[] = clientPaths.map((path) => [
  pathOf(path),
  route(path.type === "answer" ? "ask-models" : "count-tokens", { POST: modelHandler(path) }),
]);

function pathOf({ end }: ClientPath): string {
  return end.startsWith("/v1/") ? end : `/v1${end}`;
}

const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["/", readRoute("look", getRoot)],
  ["/api/hello", route("look", { HEAD: headHello })],
  ["/health", readRoute("look", getHealth)],
  ["/providers", readRoute("read-status", getProviders)],
  ["/providers/explain", readRoute("read-status", getExplanation)],
  ["/providers/reload", route("control", { POST: postReload })],
  ["/controls", readRoute("read-calls", getControls)],
  ...modelRoutes,
  ["/v1/responses/compact", route("ask-models", { POST: passToProvider })],
  ["/v1/models", readRoute("list-models", getModels)],
  ["/usage", readRoute("read-usage", getUsage)],
  ["/metrics", readRoute("read-metrics", getMetrics)],
  ["/ui", readRoute("look", getPage)],
  [pageFolder, readRoute("look", redirectToPage)],
  ["/ui/state", readRoute("read-calls", getState)],
  ["/ui/calls", readRoute("read-calls", getCalls)],
  ["/ui/log", readRoute("read-calls", getLog)],
]);

const modelRoute = readRoute("list-models", getModel);
const controlRoute = route("control", { POST: postControl });

/** Maps the part of the path behind a stored response's id to the request. */
const responseRoutes: ReadonlyMap<string, Route> = new Map([
  ["", route("ask-models", { GET: passToProvider, DELETE: passToProvider })],
  ["/cancel", route("ask-models", { POST: passToProvider })],
  ["/input_items", route("ask-models", { GET: passToProvider })],
]);

const responsePath = /^\/v1\/responses\/[^/]{1,200}(\/cancel|\/input_items)?$/;

function routeOf(path: string): Route | undefined {
  const found = routes.get(path);
  if (found !== undefined) return found;
  if (path.startsWith(modelPath) && path.length > modelPath.length) return modelRoute;
  const response = responsePath.exec(path);
  if (response !== null) return responseRoutes.get(response[1] ?? "");
  return readControlPath(path) === undefined ? undefined : controlRoute;
}

/** Returns every route with its methods and the action that is held against the table of roles. */
export function knownRoutes(): readonly { readonly path: string; readonly method: string; readonly action: Action }[] {
  const stored = [...responseRoutes].map(([rest, found]) => [`/v1/responses/{id}${rest}`, found] as const);
  return [...routes, [`${modelPath}{id}`, modelRoute] as const, ...stored].flatMap(([path, { action, handlers }]) =>
    [...handlers.keys()].map((method) => ({ path, method, action })),
  );
}

/** Destination of a request: a handler, or the error that answers it (404, 405 with `allow`, 415). */
export type Destination =
  | { readonly type: "handler"; readonly handler: Handler; readonly action: Action }
  | { readonly type: "refusal"; readonly error: CcpbError; readonly allow?: string };

/** Returns the path as a metrics label: itself where there is a route, else `other`. */
export function knownRoute(path: string): string {
  if (routes.has(path)) return path;
  const found = routeOf(path);
  if (found === modelRoute) return "/v1/models/{id}";
  if (found !== undefined && found !== controlRoute) return "/v1/responses/{id}";
  const control = readControlPath(path);
  return control === undefined ? "other" : `/${control.kind}/{name}/${control.action}`;
}

/** Finds the handler of a request by path and method, and checks the type of a body sent to the API. */
export function findRoute(inbound: InboundRequest): Destination {
  const { method, path } = inbound;
  const found = routeOf(path);
  if (path === "/v1/responses" && inbound.headers.upgrade !== undefined)
    return { type: "refusal", error: noWebSocket() };
  const handler = found?.handlers.get(method);
  if (found === undefined || handler === undefined) return refusal(method, path, found);
  const error =
    method === "POST" && path.startsWith("/v1/") && inbound.contentLength !== 0
      ? refuseBodyType(inbound.headers)
      : undefined;
  return error === undefined ? { type: "handler", handler, action: found.action } : { type: "refusal", error };
}

/** The answer at which Codex goes on over HTTP at once. */
function noWebSocket(): CcpbError {
  const message = "There is no WebSocket here: send the request as POST over HTTP.";
  return new CcpbError("invalid_request", message, { status: 426, type: "invalid_request_error" });
}

function refusal(method: string, path: string, found: Route | undefined): Destination {
  if (found === undefined && method !== "OPTIONS") {
    const message = `There is nothing at ${path.slice(0, 200)}. ${served}`;
    // Clients of OpenAI's APIs would be told that a model is missing: that is how `not_found_error` is written for them.
    const type = dialectOfPath(path) === "messages" ? "not_found_error" : "invalid_request_error";
    return { type: "refusal", error: new CcpbError("invalid_request", message, { status: 404, type }) };
  }
  const allow = found?.allow ?? "GET, HEAD, POST";
  const message = `${method} is not allowed here; allowed: ${allow}.`;
  const error = new CcpbError("invalid_request", message, { status: 405, type: "invalid_request_error" });
  return { type: "refusal", error, allow };
}

function readRoute(action: Action, handler: Handler): Route {
  return route(action, { GET: handler, HEAD: handler });
}

function route(action: Action, handlers: Readonly<Record<string, Handler>>): Route {
  return { action, handlers: new Map(Object.entries(handlers)), allow: Object.keys(handlers).join(", ") };
}
