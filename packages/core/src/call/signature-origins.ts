import { anthropicModelName } from "../vendors/claude-clouds.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import { digestNumber } from "../base/digest.ts";

// Shorter ones are constants and counters: they do not tell who made them.
const shortestTelling = 16;
// The data of redacted thinking can be long; what tells it apart is in its tail as well.
const hashedTail = 512;

/**
 * Remembers the makers of thinking signatures. Signatures are valid for the deployment and the model that made them,
 * so that a conversation which changes either has to leave foreign thinking behind. Makers are learned from passing
 * answers (`signatureMaker`) and from refusals. Signatures are kept as hashes; the number is bounded, and those not
 * seen for longest are forgotten first.
 */
export class SignatureOrigins {
  readonly #limit: number;
  /** Hash → the domain that made it; null where several did, as with a constant. */
  readonly #made = new Map<number, string | null>();
  /** Number of hashes of each domain in `#made`. */
  readonly #counts = new Map<string | null, number>();
  readonly #refused = new Map<string, Set<number>>();

  constructor(limit = 20_000) {
    this.#limit = limit;
  }

  /** True if nothing has been learned yet. */
  get isEmpty(): boolean {
    return this.#made.size === 0 && this.#refused.size === 0;
  }

  /** An answer from `domain` carried this proof of thinking. */
  learnMade(domain: string, proof: string): void {
    if (proof.length < shortestTelling) return;
    const key = hash(proof);
    const known = this.#made.get(key);
    this.#forget(key);
    this.#remember(key, known === undefined || known === domain ? domain : null);
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= this.#limit) break;
      this.#forget(oldest);
    }
  }

  /** `domain` refused a request that carried these proofs. Its own are to blame only where there were no others. */
  learnRefused(domain: string, proofs: readonly string[]): void {
    const keys = proofs.map(hash);
    const foreign = keys.filter((key) => this.#made.get(key) !== domain);
    const refused = this.#refused.get(domain) ?? new Set();
    this.#refused.set(domain, refused);
    for (const key of foreign.length === 0 ? keys : foreign) {
      refused.delete(key);
      refused.add(key);
    }
    for (const oldest of refused) {
      if (refused.size <= this.#limit) break;
      refused.delete(oldest);
    }
  }

  /**
   * Makes the predicate of proofs that `domain` would refuse, as far as known; undefined if none is known, so that
   * the request need not be read.
   */
  detectorFor(domain: string): ((proof: string) => boolean) | undefined {
    const refused = this.#refused.get(domain);
    const ofOthers = this.#made.size - (this.#counts.get(domain) ?? 0) - (this.#counts.get(null) ?? 0);
    if (!refused && ofOthers === 0) return undefined;
    return (proof) => {
      const key = hash(proof);
      if (refused?.has(key) === true) return true;
      const maker = this.#made.get(key);
      if (maker === undefined || maker === null) return false;
      this.#forget(key);
      this.#remember(key, maker);
      return maker !== domain;
    };
  }

  /** Makes the predicate of proofs that `domain` has refused; undefined if it has refused none. */
  refusedBy(domain: string): ((proof: string) => boolean) | undefined {
    const refused = this.#refused.get(domain);
    return refused && ((proof) => refused.has(hash(proof)));
  }

  #remember(key: number, domain: string | null): void {
    this.#made.set(key, domain);
    this.#counts.set(domain, (this.#counts.get(domain) ?? 0) + 1);
  }

  #forget(key: number): void {
    const domain = this.#made.get(key);
    if (domain === undefined) return;
    this.#made.delete(key);
    this.#counts.set(domain, (this.#counts.get(domain) ?? 1) - 1);
  }
}

type SignatureMaker = Pick<ProviderConfig, "type" | "baseUrl" | "signatureDomain">;

/**
 * Computes the domain in which a provider's signatures are valid: `signature_domain`, else the host of its base URL,
 * with the port if that is not the scheme's own. Signatures of Claude are valid wherever Anthropic or a cloud serves
 * it: they have the domain `api.anthropic.com`.
 *
 * @see https://platform.claude.com/docs/en/build-with-claude/extended-thinking ("compatible across platforms")
 */
export function signatureDomain(provider: SignatureMaker): string {
  if (provider.signatureDomain !== undefined) return provider.signatureDomain;
  return servesClaude(provider) ? "api.anthropic.com" : new URL(provider.baseUrl).host;
}

/** Decides whether a provider is Anthropic's own API, or a cloud that serves Claude. */
function servesClaude({ type, baseUrl }: SignatureMaker): boolean {
  if (type === "bedrock" || type === "vertex") return true;
  if (type !== "anthropic") return false;
  const { hostname, pathname } = new URL(baseUrl);
  if (/(?:^|\.)services\.ai\.azure\.com$/.test(hostname)) return /^\/anthropic(?:\/|$)/.test(pathname);
  return claudeHost.test(hostname);
}

const claudeHost =
  /(?:^|\.)anthropic\.com$|^(?:aws-external-anthropic|bedrock-mantle|bedrock-runtime)\.[\w-]+\.(?:api\.aws|amazonaws\.com)$/;

/**
 * Names the maker of the thinking of a model at an anthropic provider: a signature is bound to the model as well.
 * With `signature_domain` the operator states that its providers accept each other's signatures, whatever they call
 * the models.
 */
export function signatureMaker(provider: SignatureMaker, model: string): string {
  const name = servesClaude(provider) ? anthropicModelName(model) : model;
  return provider.signatureDomain ?? `${signatureDomain(provider)} ${name.toLowerCase()}`;
}

function hash(proof: string): number {
  return digestNumber(proof, hashedTail);
}
