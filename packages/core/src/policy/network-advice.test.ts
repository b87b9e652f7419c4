import { expect, test } from "vitest";
import type { AttemptFacts } from "./attempt-facts.ts";
import { classify } from "./classify.ts";

const facts: AttemptFacts = {
  providerType: "anthropic",
  stream: false,
  hasContent: false,
  hasThinking: false,
  retried: new Set<never>(),
  wallNowMs: 0,
};

// Codes of OpenSSL as Node 20 (3.0) and Node 24 (3.5) give them.
test.each([
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls.ca"],
  ["UNABLE_TO_GET_ISSUER_CERT", "tls.ca"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "tls.ca"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "tls.ca"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls.ca"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls.server_name"],
  ["ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "tls.server_name"],
  ["ERR_SSL_TLSV1_ALERT_UNRECOGNIZED_NAME", "tls.server_name"],
  ["CERT_HAS_EXPIRED", "clock"],
  ["CERT_NOT_YET_VALID", "clock"],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "tls.cert"],
  ["ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", "tls.cert"],
  ["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "tls.cert"],
  ["ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED", "tls.cert"],
  ["ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN", "tls.cert"],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "tls.cert"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "tls.cert"],
  ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "TLS 1.2"],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "TLS 1.2"],
  ["ERR_SSL_DH_KEY_TOO_SMALL", "TLS 1.2"],
  ["ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL", "HTTP/2"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "http://"],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "http://"],
  ["HPE_INVALID_RESPONSE", "base_url"],
  ["HPE_INVALID_CONSTANT", "base_url"],
  ["ECONNREFUSED", "base_url"],
])("a connection that fails with %s is the provider's, and the reason names what to look at: %s", (code, advice) => {
  const cause = new Error("fetch failed", { cause: Object.assign(new Error("no"), { code }) });
  const judgement = classify({ type: "transport-error", cause }, facts, []);
  expect(judgement).toMatchObject({ suspect: "provider", charge: { scope: "provider", when: "now" } });
  const detail = judgement.type === "failover" ? judgement.reason.detail : "";
  expect(detail).toContain(`(${code}; `);
  expect(detail).toContain(advice);
});

test("headers that are too large are no sign of another protocol", () => {
  const cause = Object.assign(new Error("Parse Error: Header overflow"), { code: "HPE_HEADER_OVERFLOW" });
  expect(classify({ type: "transport-error", cause }, facts, [])).toMatchObject({
    suspect: "provider",
    reason: { detail: "the connection failed (HPE_HEADER_OVERFLOW)" },
  });
});
