/**
 * Request that an `Authorize` function adds a credential to: complete but for the headers that the function returns.
 */
export interface AuthorizeRequest {
  /** HTTP method, in capitals. */
  readonly method: string;
  /** Absolute URL with its query. */
  readonly url: string;
  /** Headers that are sent besides the credential; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body as parts to be concatenated. The function may hash the bytes and must not change them. */
  readonly body: readonly Uint8Array[];
}

/** Facts about the attempt that an `Authorize` function authorises, besides the request. */
export interface AuthorizeOptions {
  /** Aborted when the attempt is over. A credential that other calls wait for too must not be given up for that. */
  readonly signal: AbortSignal;
  /** The headers that this function returned for the attempt before, where the provider refused them: get a new credential. */
  readonly refused: Readonly<Record<string, string>> | undefined;
  /**
   * The provider's clock, in milliseconds since the Unix epoch, where it refused only the time at which the attempt before was signed: the credential
   * is good, and a signature of the provider's time will be accepted. Absent: the time is not what was refused.
   */
  readonly providerTimeMs?: number;
  /** True if another provider in good health can serve the call: a credential that takes long must not make it wait. */
  readonly hasAlternative: boolean;
}

/**
 * Returns the headers that authorise one request, such as `authorization`; lower-case names. Called once an attempt, before its request is sent.
 * It keeps credentials between calls, and renews them, itself.
 *
 * @throws `CredentialError` where there is no credential; the call then goes on to the next provider.
 */
export type Authorize = (
  request: AuthorizeRequest,
  options: AuthorizeOptions,
) => Promise<Readonly<Record<string, string>>>;

/**
 * Reports that no credential could be had for a request. `Authorize` functions throw it; the attempt then fails as a
 * `transport-error`, and the key is cooled down.
 *
 * @example
 * ```ts
 * const error = new CredentialError("the token service answered 503", { isPending: true });
 * console.log(error.isPending); // true
 * ```
 */
export class CredentialError extends Error {
  /** True if the credential may come within seconds, because its source is still working on it. Default `false`. */
  readonly isPending: boolean;

  /**
   * @param message - sentence for operators. It is logged: it must hold no secret.
   * @param options - `cause`: the error behind this one. `isPending`: see the member; default `false`.
   */
  constructor(message: string, options: { readonly cause?: unknown; readonly isPending?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.name = "CredentialError";
    this.isPending = options.isPending ?? false;
  }
}

/**
 * Source of a credential that may expire, as data. Core does not read it: the program passes an `Authorize` function
 * for the provider.
 *
 * - `command`: standard output of a program that runs without a shell.
 * - `file`: content of a file.
 * - `aws`: AWS's own chain (environment, profile, SSO, role, container, instance), which signs each request. Region
 *   and service default to those that the host of the request names.
 * - `google`: Google's Application Default Credentials.
 * - `custom`: of the program's own.
 */
export type CredentialSource =
  | { readonly type: "command"; readonly command: readonly string[] }
  | { readonly type: "file"; readonly file: string }
  | { readonly type: "aws"; readonly profile?: string; readonly region?: string; readonly service?: string }
  | { readonly type: "google" }
  | { readonly type: "custom" };
