/** A failure of the network with a code that says whose it is: the system's own, or one of `ERR_LOOKUP_QUEUED`, `ERR_PROXY_CONNECT`, `ERR_PROXY_TUNNEL`. */
export class NetworkError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "NetworkError";
    this.code = code;
  }
}

/** The connect deadline, or the shorter one of a lookup, passed before a connection stood. */
export class ConnectTimeoutError extends NetworkError {
  constructor(code: "ERR_CONNECT_TIMEOUT" | "ERR_LOOKUP_TIMEOUT", message: string) {
    super(code, message);
    this.name = "ConnectTimeoutError";
  }
}

/** Codes of failures that our own machine or network is to blame for: no descriptor, buffer, port, route or resolver. */
const hostCodes: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "EADDRNOTAVAIL",
  "ENETUNREACH",
  "ENETDOWN",
  "EHOSTUNREACH",
  "EAFNOSUPPORT",
  "EAI_AGAIN",
]);

/** Returns the code of `error` or of the nearest of its causes that has one. */
export function codeOf(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 6 && current instanceof Error; depth += 1) {
    if ("code" in current && typeof current.code === "string") return current.code;
    current = current.cause;
  }
  return undefined;
}

/** Returns what went wrong in one line, also where Node says it only in an aggregate (all addresses of a name failed). */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown failure";
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  return error.message === "" ? (codeOf(error) ?? error.name) : error.message;
}

/**
 * Returns `error` with the code that tells most. Node gives an aggregate the code of the first address, which is ENETUNREACH for every refused
 * connection on a machine without a route to IPv6: an address that was reached says more than one that could not be.
 */
export function tellingError(error: Error): Error {
  if (!(error instanceof AggregateError)) return error;
  const codes = error.errors.flatMap((each: unknown) => codeOf(each) ?? []);
  const own = codes.filter((code) => !hostCodes.has(code));
  const code = own.find((each) => each !== "ETIMEDOUT") ?? own[0] ?? codes[0];
  return code === undefined ? error : new NetworkError(code, messageOf(error), { cause: error });
}

/** Returns `error` with a code. undici means to give its parser's errors one (`HPE_…`) and does not: it looks the name up where only numbers are. */
export function codedError(error: Error): Error {
  if (error.name !== "HTTPParserError" || codeOf(error) !== undefined) return error;
  return new NetworkError("HPE_INVALID_RESPONSE", messageOf(error), { cause: error });
}
