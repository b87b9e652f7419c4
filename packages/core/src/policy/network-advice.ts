/** Advice for a failure of the network, by the system's code for it: what a person can look at or mend. */
const byCode: Readonly<Record<string, string>> = {
  ENOTFOUND: "no such host: check base_url and the DNS of this machine",
  ECONNREFUSED: "nothing listens at the host and port of base_url, or of its proxy",
  ECONNRESET: "it hung up without an answer; if it always does, check scheme and port of base_url",
  UND_ERR_SOCKET: "it hung up without an answer; if it always does, check scheme and port of base_url",
  CERT_HAS_EXPIRED: "its certificate has expired, or the clock of this machine is wrong",
  CERT_NOT_YET_VALID: "its certificate is not valid yet, or the clock of this machine is wrong",
  ERR_TLS_CERT_ALTNAME_INVALID: "tls.server_name is the name that the certificate is for",
  HOSTNAME_MISMATCH: "tls.server_name is the name that the certificate is for",
  ERR_PROXY_CONNECT: "the proxy of HTTPS_PROXY or HTTP_PROXY cannot be reached; NO_PROXY names hosts that need none",
  ERR_PROXY_TUNNEL: "the proxy gave no way to the host of base_url",
  ERR_TLS_MATERIAL: "a file of tls.ca, tls.cert or tls.key cannot be used",
  EMFILE: "raise the limit of open files, ulimit -n",
  ENFILE: "raise the limit of open files of the system, fs.file-max",
  EAI_AGAIN: "the DNS of this machine does not answer",
};

// The codes of TLS are named by OpenSSL, whose versions differ: `SSLV3_ALERT_…` of 3.0 (Node 20) is `SSL/TLS_ALERT_…` since 3.2 (Node 24).
const byForm: readonly (readonly [form: RegExp, text: string])[] = [
  [
    /^(?:SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_)/,
    "tls.ca names the authority of a private certificate",
  ],
  [
    /^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/,
    "it does not speak TLS there: write http://, or the port of https",
  ],
  [
    /^ERR_SSL_[A-Z0-9/]{3,8}_ALERT_NO_APPLICATION_PROTOCOL$/,
    "it speaks HTTP/2 alone there: put a proxy that also speaks HTTP/1.1 before it",
  ],
  [
    /^ERR_SSL_[A-Z0-9/]{3,8}_(?:ALERT_)?UNRECOGNIZED_NAME$/,
    "it knows no such host name: check base_url, or set tls.server_name",
  ],
  [
    /^ERR_SSL_(?:[A-Z0-9/]{3,8}_ALERT_(?:PROTOCOL_VERSION|INSUFFICIENT_SECURITY)|UNSUPPORTED_PROTOCOL|(?:DH|EE|CA)_KEY_TOO_SMALL|UNSAFE_LEGACY_RENEGOTIATION_DISABLED)$/,
    "its TLS is too old for Node: it has to offer TLS 1.2 or 1.3 with strong ciphers",
  ],
  [
    /^ERR_SSL_[A-Z0-9/]{3,8}_ALERT_(?:HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_[A-Z]+|UNKNOWN_CA|ACCESS_DENIED)$/,
    "tls.cert and tls.key are the client's certificate",
  ],
  [
    /^HPE_(?!HEADER_OVERFLOW$)/,
    "what it sent is not HTTP/1.1: check scheme and port of base_url; one that speaks HTTP/2 alone needs a proxy before it",
  ],
];

/** Returns `code` with advice behind it, where the code names a cause that a person can mend. */
export function withAdvice(code: string): string {
  const text = byCode[code] ?? byForm.find(([form]) => form.test(code))?.[1];
  return text === undefined ? code : `${code}; ${text}`;
}
