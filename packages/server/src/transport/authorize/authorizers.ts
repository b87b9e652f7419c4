import {
  type Authorize,
  type AuthorizeOptions,
  type AuthorizeRequest,
  type Clock,
  CredentialError,
  type CredentialSource,
  type ProviderConfig,
} from "@ccpb/core";
import { awsChain, awsPackages } from "./aws-credential.ts";
import { type AwsCredential, awsScopeOf, signAws } from "./aws-signature.ts";
import { type Credential, CredentialCache } from "./credential-cache.ts";
import { FileCredential } from "./file-credential.ts";
import { googleToken } from "./google-credential.ts";
import { loadOptional } from "./optional-package.ts";
import { ProviderClock } from "./provider-clock.ts";
import { runCommand } from "./run-command.ts";
import { readToken, type Token } from "./token-text.ts";

export interface AuthorizersOptions {
  readonly clock: Clock;
  /**
   * Called with a fetch that failed while no call waited for it: the first one, or a renewal while the credential
   * before is still valid.
   */
  readonly onRenewalFailure: (provider: string, error: unknown) => void;
  /**
   * Called where a provider refused the time of a signature, so that requests to it are signed by its clock from now on: by how many milliseconds that is
   * ahead of this machine's, negative where it is behind.
   */
  readonly onClockCorrection: (provider: string, aheadMs: number) => void;
}

/** Source of a provider's headers, and its preparation before the first call. */
interface Authorizer {
  readonly authorize: Authorize;
  readonly warm: () => void;
}

type Fetch<Held> = (isForced: boolean) => Promise<Held>;

// Longest time for a command, AWS's chain or Google's.
const deadlineMs = 10_000;

/** Makes the `Authorize` functions of providers, and keeps their credentials between calls and through reloads. */
export class Authorizers {
  readonly #options: AuthorizersOptions;
  readonly #all = new Map<string, Authorizer>();
  readonly #closing = new AbortController();

  constructor(options: AuthorizersOptions) {
    this.#options = options;
  }

  /** Returns the function that authorises requests to `provider`; undefined where its credential is a fixed one. */
  readonly find = (provider: ProviderConfig): Authorize | undefined => this.#of(provider)?.authorize;

  /** Takes the providers of a configuration into use: `prepare` and its commit at once. */
  use(providers: readonly ProviderConfig[]): void {
    this.prepare(providers)();
  }

  /**
   * Reads which credentials a configuration needs, and changes nothing.
   *
   * @returns A function that cannot fail: it fetches the credentials ahead of the first calls, and drops those of providers that are gone.
   */
  prepare(providers: readonly ProviderConfig[]): () => void {
    const wanted = new Map<string, Authorizer>();
    for (const provider of providers) {
      if (provider.enabled === false || provider.auth.type !== "renewed") continue;
      const key = keyOf(provider);
      wanted.set(key, this.#all.get(key) ?? this.#make(provider.auth.source, provider));
    }
    return () => {
      for (const key of this.#all.keys()) if (!wanted.has(key)) this.#all.delete(key);
      for (const [key, authorizer] of wanted) {
        this.#all.set(key, authorizer);
        authorizer.warm();
      }
    };
  }

  /** Ends commands that are running. */
  close(): void {
    this.#closing.abort();
  }

  #of(provider: ProviderConfig): Authorizer | undefined {
    if (provider.auth.type !== "renewed") return undefined;
    const key = keyOf(provider);
    const known = this.#all.get(key);
    if (known) return known;
    const made = this.#make(provider.auth.source, provider);
    this.#all.set(key, made);
    return made;
  }

  #make(source: CredentialSource, provider: ProviderConfig): Authorizer {
    const header = provider.auth.type === "renewed" ? (provider.auth.header ?? "authorization") : "authorization";
    switch (source.type) {
      case "command":
        return this.#byToken(provider, header, async () => {
          const output = await runCommand(source.command, { deadlineMs, signal: this.#closing.signal });
          return readToken(output, `auth_command ${source.command[0] ?? ""}`);
        });
      case "file": {
        const file = new FileCredential(source.file);
        const authorize: Authorize = async (_request, { refused }) =>
          tokenHeader(header, await file.get(refused && tokenIn(header, refused)));
        return { authorize, warm: () => undefined };
      }
      case "google":
        return this.#byToken(provider, header, googleToken);
      case "aws":
        return this.#byAws(provider, source);
      case "custom":
        return { authorize: noAuthorizer, warm: () => undefined };
    }
  }

  #byToken(provider: ProviderConfig, header: string, fetch: Fetch<Token>): Authorizer {
    const cache = this.#cache(provider, fetch);
    const authorize: Authorize = async (_request, { refused, ...wish }) =>
      tokenHeader(header, await cache.get({ ...wish, refused: refused && tokenIn(header, refused) }));
    return { authorize, warm: () => cache.warm() };
  }

  #byAws(provider: ProviderConfig, source: Extract<CredentialSource, { type: "aws" }>): Authorizer {
    const { name } = provider;
    const clock = new ProviderClock(this.#options.clock, (aheadMs) => this.#options.onClockCorrection(name, aheadMs));
    const cache = this.#cache<AwsCredential>(provider, awsChain(source.profile), clock);
    const authorize = async (request: AuthorizeRequest, { providerTimeMs, ...wish }: AuthorizeOptions) => {
      if (providerTimeMs !== undefined) clock.correct(providerTimeMs);
      // Where only the time was refused, the credential is good.
      const refused = providerTimeMs === undefined ? wish.refused : undefined;
      const found = awsScopeOf(request.url);
      const region = source.region ?? found?.region;
      if (region === undefined) throw new CredentialError("the host of base_url names no AWS region; write region");
      const scope = { region, service: source.service ?? found?.service ?? "bedrock" };
      const [credential, aws] = await Promise.all([
        cache.get({ ...wish, refused: refused && accessKeyIn(refused) }),
        loadOptional(() => import("@smithy/signature-v4"), {
          name: "@smithy/signature-v4",
          need: "auth_type: aws",
          packages: awsPackages,
        }),
      ]);
      return signAws(aws.SignatureV4, request, { credential, scope, atMs: clock.wallNow() });
    };
    return { authorize, warm: () => cache.warm() };
  }

  #cache<Held extends Credential>(
    { name }: ProviderConfig,
    fetch: Fetch<Held>,
    clock = this.#options.clock,
  ): CredentialCache<Held> {
    const { onRenewalFailure } = this.#options;
    return new CredentialCache({
      clock,
      fetch: (isForced) => withinDeadline(fetch(isForced), clock),
      onRenewalFailure: (error) => onRenewalFailure(name, error),
    });
  }
}

/** Providers with the same source share nothing: each has a credential of its own, as each has a name of its own in the log. */
function keyOf({ name, auth }: ProviderConfig): string {
  return JSON.stringify([name, auth]);
}

function tokenHeader(header: string, { token }: Token): Readonly<Record<string, string>> {
  return { [header]: header === "authorization" ? `Bearer ${token}` : token };
}

function tokenIn(header: string, headers: Readonly<Record<string, string>>): string | undefined {
  return headers[header]?.replace(/^Bearer /, "");
}

function accessKeyIn(headers: Readonly<Record<string, string>>): string | undefined {
  return /Credential=([^/,\s]+)/.exec(headers["authorization"] ?? "")?.[1];
}

const noAuthorizer: Authorize = () =>
  Promise.reject(new CredentialError("its credential is of the type custom, which needs an Authorize function"));

/** Rejects after the deadline; what comes later is dropped. A command is killed by its own, a little earlier. */
function withinDeadline<Value>(promise: Promise<Value>, clock: Clock): Promise<Value> {
  return new Promise((resolve, reject) => {
    const text = `its credential did not come within ${deadlineMs / 1_000} s`;
    const timer = clock.setTimer(deadlineMs + 500, () => reject(new CredentialError(text)));
    const settle = (act: () => void): void => {
      timer[Symbol.dispose]();
      act();
    };
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error instanceof Error ? error : new CredentialError(String(error)))),
    );
  });
}
