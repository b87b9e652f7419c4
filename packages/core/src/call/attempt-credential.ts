import type { Authorize } from "../base/authorize.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import type { UpstreamRequest } from "../base/transport.ts";

// A shorter one would black out ordinary words.
const shortestSecret = 6;

/** Credential that a provider refused. */
export interface RefusedCredential {
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** The provider's clock, in milliseconds since the Unix epoch, where it refused only the time of the signature. */
  readonly providerTimeMs: number | undefined;
}

/** Parts that the credential of one attempt needs. */
export interface AttemptCredentialParts {
  readonly provider: ProviderConfig;
  /** Gives the request its credential; undefined where it has one. */
  readonly authorize: Authorize | undefined;
  /** The credential that was refused in the attempt that this one repeats. */
  readonly refused: RefusedCredential | undefined;
  /** Decides whether another provider in good health is left. */
  readonly hasAlternative: () => boolean;
}

/** The credential of one attempt, where it comes from an `Authorize` function. */
export class AttemptCredential {
  readonly #parts: AttemptCredentialParts;
  #headers: Readonly<Record<string, string>> | undefined;

  constructor(parts: AttemptCredentialParts) {
    this.#parts = parts;
  }

  /** True if the request lacks its credential. */
  get isNeeded(): boolean {
    return this.#parts.authorize !== undefined;
  }

  /** The headers that hold the credential; undefined before `putOn`, and where none is needed. */
  get headers(): Readonly<Record<string, string>> | undefined {
    return this.#headers;
  }

  /**
   * Returns the request with its credential: the same one where it has one.
   *
   * @throws the error of the `Authorize` function.
   */
  async putOn(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamRequest> {
    const { authorize, refused, hasAlternative } = this.#parts;
    if (authorize === undefined) return request;
    const { headers, providerTimeMs } = refused ?? {};
    this.#headers = await authorize(request, {
      signal,
      refused: headers,
      ...(providerTimeMs !== undefined && { providerTimeMs }),
      hasAlternative: hasAlternative(),
    });
    return { ...request, headers: { ...request.headers, ...this.#headers } };
  }

  /** The provider with all keys that its answers may echo: this credential is one of them. */
  get holder(): ProviderConfig {
    const { provider } = this.#parts;
    if (this.#headers === undefined) return provider;
    const values = Object.values(this.#headers).map((value) => value.replace(/^Bearer /, ""));
    return {
      ...provider,
      auth: { type: "auth_token", keys: values.filter((value) => value.length >= shortestSecret) },
    };
  }
}
