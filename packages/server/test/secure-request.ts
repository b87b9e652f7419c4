import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { TLSSocket } from "node:tls";

/** What one request over TLS met. */
export interface SecureReply {
  readonly status: number;
  /** The common name of the server's certificate, which is not verified. */
  readonly certificate: string;
  readonly provider: unknown;
}

/** Sends one request over a connection of its own: a POST where there is a body. */
export async function secureRequest(
  url: string,
  path: string,
  { key, body }: { readonly key?: string; readonly body?: string } = {},
): Promise<SecureReply> {
  const outgoing = httpsRequest(`${url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    agent: false,
    rejectUnauthorized: false,
    headers: { "content-type": "application/json", ...(key !== undefined && { "x-api-key": key }) },
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  const certificate = (response.socket as TLSSocket).getPeerCertificate().subject.CN;
  response.resume();
  await once(response, "end");
  return {
    status: response.statusCode ?? 0,
    certificate: String(certificate),
    provider: response.headers["x-ccpb-provider"],
  };
}
