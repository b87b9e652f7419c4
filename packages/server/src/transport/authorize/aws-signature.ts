import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import type { AuthorizeRequest } from "@ccpb/core";
import type { SignatureV4 } from "@smithy/signature-v4";
import type { Credential } from "./credential-cache.ts";

/** AWS credentials, as `@aws-sdk/credential-providers` gives them. */
export interface AwsCredential extends Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** AWS service and region that a request is signed for. */
export interface AwsScope {
  readonly service: string;
  readonly region: string;
}

// Signed beside the host and what the signature itself adds. Proxies on the way may change others.
const signedNames: readonly string[] = ["content-type", "anthropic-workspace-id"];

/**
 * Returns the headers of AWS Signature Version 4 for a request: `authorization`, `x-amz-date`, `x-amz-content-sha256` and, with temporary
 * credentials, `x-amz-security-token`.
 *
 * @param signer - `@smithy/signature-v4`, loaded by the caller.
 */
export async function signAws(
  Signer: typeof SignatureV4,
  request: AuthorizeRequest,
  { credential, scope, atMs }: { readonly credential: AwsCredential; readonly scope: AwsScope; readonly atMs: number },
): Promise<Readonly<Record<string, string>>> {
  const url = new URL(request.url);
  const body = createHash("sha256");
  for (const part of request.body) body.update(part);
  const headers: Record<string, string> = { host: url.host, "x-amz-content-sha256": body.digest("hex") };
  for (const name of signedNames) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  const signer = new Signer({ ...scope, credentials: credential, sha256: Sha256 });
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: queryOf(url),
      headers,
    },
    { signingDate: new Date(atMs) },
  );
  const { host: _host, "content-type": _type, ...added } = signed.headers;
  return Object.fromEntries(Object.entries(added).map(([name, value]) => [name.toLowerCase(), value]));
}

/**
 * Returns the service and region that the host of an AWS endpoint names; undefined where it is none.
 * `bedrock-runtime.REGION.amazonaws.com` is signed for `bedrock`, `bedrock-mantle.REGION.api.aws` and `aws-external-anthropic.REGION.api.aws` for their
 * own names.
 */
export function awsScopeOf(url: string): AwsScope | undefined {
  const { hostname } = new URL(url);
  const found = /(?:^|\.)([a-z-]+?)(?:-fips)?\.([a-z]{2,3}(?:-[a-z]+)+-\d)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/.exec(
    hostname,
  );
  const [, name = "", region = ""] = found ?? [];
  if (region === "") return undefined;
  return { region, service: name === "bedrock-runtime" ? "bedrock" : name };
}

function queryOf(url: URL): Record<string, string[]> {
  return Object.fromEntries([...new Set(url.searchParams.keys())].map((name) => [name, url.searchParams.getAll(name)]));
}

/** SHA-256 of Node's in the form that the signer takes. */
class Sha256 {
  readonly #secret: Uint8Array | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined ? undefined : bytesOf(secret);
    this.#hash = this.#start();
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {
    this.#hash = this.#start();
  }

  #start(): Hash | Hmac {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", this.#secret);
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data, "utf8");
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
