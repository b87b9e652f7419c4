import type { AuthorizeRequest } from "@ccpb/core";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { awsScopeOf, signAws } from "../../src/transport/authorize/aws-signature.ts";
import { awsKey, signatureByHand } from "./aws-verify.ts";

const atMs = Date.parse("2015-08-30T12:36:00Z");
const credential = { ...awsKey, identity: awsKey.accessKeyId, expiresAtMs: undefined };

describe("AWS Signature Version 4", () => {
  it("is computed by hand as in AWS's published vector (get-vanilla)", () => {
    const request = {
      method: "GET",
      path: "/",
      query: "",
      headers: { host: "example.amazonaws.com", "x-amz-date": "20150830T123600Z" },
      rawBody: new Uint8Array(),
    };
    const scope = { service: "service", region: "us-east-1" };
    expect(signatureByHand(request, ["host", "x-amz-date"], scope)).toBe(
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    );
  });

  it("is by hand what the library gives, for any model, body, region and token", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          "us.anthropic.claude-opus-4-5-20251101-v1:0",
          "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx",
          "a@b",
          "x~y_z",
        ),
        fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 3 }),
        fc.constantFrom("us-east-1", "ap-southeast-2", "us-gov-west-1"),
        fc.option(fc.constant(awsKey.sessionToken), { nil: undefined }),
        async (model, parts, region, sessionToken) => {
          const request: AuthorizeRequest = {
            method: "POST",
            url: `https://bedrock-runtime.${region}.amazonaws.com/model/${model}/invoke?a=b%20c&a=a`,
            headers: { "content-type": "application/json", "user-agent": "not signed" },
            body: parts,
          };
          const { sessionToken: _token, ...lasting } = credential;
          const scope = { service: "bedrock", region };
          const headers = await signAws(SignatureV4, request, {
            credential: { ...lasting, ...(sessionToken !== undefined && { sessionToken }) },
            scope,
            atMs,
          });
          const [, names = "", signature] =
            /SignedHeaders=([^,]+), ?Signature=(\w+)/.exec(headers["authorization"] ?? "") ?? [];
          const url = new URL(request.url);
          const rawBody = Buffer.concat(parts);
          const sent = { ...request.headers, ...headers, host: url.host };
          expect(headers["x-amz-date"]).toBe("20150830T123600Z");
          expect(names.includes("x-amz-security-token")).toBe(sessionToken !== undefined);
          expect(
            signatureByHand(
              { method: "POST", path: url.pathname, query: url.search, headers: sent, rawBody },
              names.split(";"),
              scope,
            ),
          ).toBe(signature);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ["https://bedrock-runtime.us-east-1.amazonaws.com/model/x/invoke", { service: "bedrock", region: "us-east-1" }],
    ["https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com/x", { service: "bedrock", region: "us-gov-west-1" }],
    ["https://bedrock-runtime.cn-north-1.amazonaws.com.cn/x", { service: "bedrock", region: "cn-north-1" }],
    ["https://vpce-1.bedrock-runtime.eu-west-1.amazonaws.com/x", { service: "bedrock", region: "eu-west-1" }],
    [
      "https://bedrock-mantle.eu-central-1.api.aws/anthropic/v1/messages",
      { service: "bedrock-mantle", region: "eu-central-1" },
    ],
    [
      "https://aws-external-anthropic.us-west-2.api.aws/v1/messages",
      { service: "aws-external-anthropic", region: "us-west-2" },
    ],
    ["http://127.0.0.1:8080/model/x/invoke", undefined],
    ["https://gateway.example.com/x", undefined],
    ["https://evil.com/bedrock-runtime.us-east-1.amazonaws.com", undefined],
  ])("%s is signed for %o", (url, scope) => {
    expect(awsScopeOf(url)).toEqual(scope);
  });
});
