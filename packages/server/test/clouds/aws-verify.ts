import { createHash, createHmac } from "node:crypto";
import type { RecordedRequest } from "@ccpb/fake-upstream";
import { SignatureV4 } from "@smithy/signature-v4";
import { expect } from "vitest";

/** Credentials of no account. */
export const awsKey = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "AQoEXAMPLEsessionTOKEN//////////==",
};

/** Expects a request as it was received to be signed with `awsKey`: the signature is computed by hand (AWS's four steps), and by AWS's own library. */
export async function expectSignature(
  request: RecordedRequest,
  scope: { readonly service: string; readonly region: string },
): Promise<void> {
  const authorization = request.headers["authorization"] ?? "";
  const [, names = "", signature] =
    /^AWS4-HMAC-SHA256 Credential=[^,]+, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(authorization) ?? [];
  expect(signature, authorization).toBeDefined();
  expect(authorization).toContain(`Credential=${awsKey.accessKeyId}/`);
  expect(authorization).toContain(`/${scope.region}/${scope.service}/aws4_request`);
  const signed = names.split(";");
  for (const name of ["host", "x-amz-date", "x-amz-security-token"]) expect(signed).toContain(name);
  expect(request.headers["x-amz-content-sha256"]).toBe(sha256(request.rawBody));
  expect(signatureByHand(request, signed, scope)).toBe(signature);
  expect(await signatureByLibrary(request, signed, scope)).toBe(signature);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export function signatureByHand(
  { method, path, query, headers, rawBody }: Pick<RecordedRequest, "method" | "path" | "query" | "headers" | "rawBody">,
  signed: readonly string[],
  {
    service,
    region,
    key = awsKey.secretAccessKey,
  }: { readonly service: string; readonly region: string; readonly key?: string },
): string {
  const date = headers["x-amz-date"] ?? "";
  // Of every service but S3 the path, which is escaped already, is escaped once more.
  const canonicalPath = path.split("/").map(encodeStrictly).join("/");
  const canonicalQuery = [...new URLSearchParams(query)]
    .map(([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`)
    .sort()
    .join("&");
  const canonical = [
    method,
    canonicalPath,
    canonicalQuery,
    ...signed.map((name) => `${name}:${(headers[name] ?? "").trim().replaceAll(/\s+/g, " ")}`),
    "",
    signed.join(";"),
    sha256(rawBody),
  ].join("\n");
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  const signingKey = [date.slice(0, 8), region, service, "aws4_request"].reduce<Buffer | string>(hmac, `AWS4${key}`);
  return hmac(signingKey, toSign).toString("hex");
}

async function signatureByLibrary(
  { method, path, headers, rawBody }: RecordedRequest,
  signed: readonly string[],
  { service, region }: { readonly service: string; readonly region: string },
): Promise<string | undefined> {
  const signer = new SignatureV4({ service, region, credentials: awsKey, sha256: NodeSha256 });
  const date = headers["x-amz-date"] ?? "";
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const kept = Object.fromEntries(signed.map((name) => [name, headers[name] ?? ""]));
  const again = await signer.sign(
    {
      method,
      protocol: "http:",
      hostname: "x",
      path,
      headers: kept,
      body: rawBody.buffer.slice(rawBody.byteOffset, rawBody.byteOffset + rawBody.byteLength),
    },
    { signingDate: new Date(iso) },
  );
  return /Signature=([0-9a-f]{64})/.exec(again.headers["authorization"] ?? "")?.[1];
}

class NodeSha256 {
  readonly #secret: string | ArrayBuffer | ArrayBufferView | undefined;
  readonly #parts: Buffer[] = [];

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret;
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#parts.push(bufferOf(data));
  }

  digest(): Promise<Uint8Array> {
    const hash = this.#secret === undefined ? createHash("sha256") : createHmac("sha256", bufferOf(this.#secret));
    return Promise.resolve(new Uint8Array(hash.update(Buffer.concat(this.#parts)).digest()));
  }

  reset(): void {
    this.#parts.length = 0;
  }
}

function bufferOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === "string") return Buffer.from(data);
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
