import type { IncomingHttpHeaders } from "node:http";
import { isIPv4, isIPv6 } from "node:net";
import { CcpbError } from "@ccpb/core";

const loopbackHost = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

/**
 * Refuses (403) a `Host` that a rebound DNS name could have brought here: it must be a loopback name, an IP literal, or one of `allowedHosts`
 * (lower case, with or without a port).
 */
export function refuseHost(host: string | undefined, allowedHosts: ReadonlySet<string>): CcpbError | undefined {
  if (host !== undefined && (loopbackHost.test(host) || isTrustedName(host.toLowerCase(), allowedHosts)))
    return undefined;
  const shown = host === undefined ? "A request without a Host" : `Host ${JSON.stringify(host.slice(0, 100))}`;
  return forbidden(`${shown} is not served here. Add the host name to settings.allowed_hosts if it is yours.`);
}

function isTrustedName(host: string, allowedHosts: ReadonlySet<string>): boolean {
  if (allowedHosts.has(host)) return true;
  const [, bracketed, plain = ""] = /^(?:\[([0-9a-f:.]+)\]|([^:@[\]/\\\s]+))(?::\d{1,5})?$/.exec(host) ?? [];
  if (bracketed !== undefined) return isIPv6(bracketed);
  const name = plain.endsWith(".") ? plain.slice(0, -1) : plain;
  return isIPv4(name) || name === "localhost" || name.endsWith(".localhost") || allowedHosts.has(name);
}

/** The paths that a browser may open as a page of its own. */
const pagePaths: ReadonlySet<string> = new Set(["/", "/ui", "/ui/"]);

/**
 * Refuses (403) what a web page of another origin sent: any `Origin`, and `Sec-Fetch-Site: cross-site` or `same-site`. Let through are
 * top-level navigation by GET to a page of ours, that page's own same-origin reading, and its buttons.
 */
export function refuseForeignPage(method: string, path: string, headers: IncomingHttpHeaders): CcpbError | undefined {
  const origin = headers.origin;
  const site = headers["sec-fetch-site"];
  if (origin === undefined && (site === undefined || site === "none" || site === "same-origin")) return undefined;
  if (isPageNavigation(method, path, headers) || isOwnReading(method, origin, headers)) return undefined;
  if (isOwnAction(method, path, headers)) return undefined;
  return forbidden(
    "Requests from web pages are not served: this one carries an Origin, or a Sec-Fetch-Site of another site.",
  );
}

function isPageNavigation(method: string, path: string, headers: IncomingHttpHeaders): boolean {
  if (method !== "GET" || !pagePaths.has(path) || headers["sec-fetch-mode"] !== "navigate") return false;
  const destination = headers["sec-fetch-dest"];
  return destination === undefined || destination === "document";
}

function isOwnReading(method: string, origin: string | undefined, headers: IncomingHttpHeaders): boolean {
  return (method === "GET" || method === "HEAD") && isOwnOrigin(origin, headers);
}

function isOwnOrigin(origin: string | undefined, headers: IncomingHttpHeaders): boolean {
  if (headers["sec-fetch-site"] !== "same-origin" || headers.host === undefined) return false;
  return origin === `http://${headers.host}` || origin === `https://${headers.host}`;
}

/** The paths that the page's buttons post to. */
const actionPath = /^\/(?:providers|clients|sessions)\/[^/]+\/[a-z]+$/;

// A script of our own page, which no other site can make a browser claim: the browser says where it comes from, and JSON cannot be sent by a form.
function isOwnAction(method: string, path: string, headers: IncomingHttpHeaders): boolean {
  return (
    method === "POST" &&
    actionPath.test(path) &&
    isOwnOrigin(headers.origin, headers) &&
    (headers["sec-fetch-mode"] === "cors" || headers["sec-fetch-mode"] === "same-origin") &&
    refuseBodyType(headers) === undefined
  );
}

/** Refuses a body that is not said to be JSON (415), or is compressed (415); a browser cannot send `application/json` without asking first. */
export function refuseBodyType(headers: IncomingHttpHeaders): CcpbError | undefined {
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "" && encoding.toLowerCase() !== "identity") {
    return unsupported("Compressed request bodies are not accepted: send the body without content-encoding.");
  }
  const type = headers["content-type"];
  if (type === "application/json" || (type !== undefined && /^application\/json\s*(?:;|$)/i.test(type)))
    return undefined;
  return unsupported("The body must be sent as content-type: application/json.");
}

/** Refuses (400) framing that intermediaries read in different ways: request smuggling. Node's parser has refused most of it already. */
export function refuseFraming(
  httpVersion: string,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
): CcpbError | undefined {
  const coding = headers["transfer-encoding"];
  if (coding !== undefined) {
    if (httpVersion !== "1.1" || headers["content-length"] !== undefined || coding.toLowerCase() !== "chunked") {
      return malformed(
        "Only transfer-encoding: chunked is understood, in HTTP/1.1, and not together with content-length.",
      );
    }
  }
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts += 1;
  }
  if (hosts > 1) return malformed("The request has more than one Host header.");
  return hosts === 0 && httpVersion === "1.1" ? malformed("The request has no Host header.") : undefined;
}

function forbidden(message: string): CcpbError {
  return new CcpbError("invalid_request", message, { status: 403, type: "permission_error" });
}

function unsupported(message: string): CcpbError {
  return new CcpbError("invalid_request", message, { status: 415, type: "invalid_request_error" });
}

function malformed(message: string): CcpbError {
  return new CcpbError("invalid_request", message, { status: 400, type: "invalid_request_error" });
}
