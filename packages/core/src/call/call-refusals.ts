import { standingOf, translationRefusal, unavailable } from "./call-failure.ts";
import type { CcpbError } from "../base/errors.ts";
import type { AttemptTrace } from "../base/events.ts";
import type { Candidate } from "../base/scope.ts";
import type { Reason } from "../base/outcome.ts";
import type { Runtime, Snapshot } from "./runtime.ts";

/** Collects the reasons why the providers of one call did not serve it. */
export class CallRefusals {
  // Made on the first refusal: most calls have none.
  #byProvider: Map<string, Reason> | undefined;
  #untranslatable: CcpbError | undefined;

  refused(provider: string, reason: Reason): void {
    this.#reasons().set(provider, reason);
  }

  /** The request could not be translated for `provider`. */
  untranslatable(provider: string, error: unknown): void {
    const refusal = translationRefusal(provider, error);
    this.#untranslatable ??= refusal;
    this.#reasons().set(provider, { class: "untranslatable", detail: refusal.message });
  }

  /** The error of a call that no provider served: the translator's own where the request could be sent to none of them, else the 503. */
  failure(
    candidates: readonly Candidate[],
    snapshot: Snapshot,
    { runtime, attempts }: { readonly runtime: Runtime; readonly attempts: readonly AttemptTrace[] },
  ): CcpbError {
    const isRefused = ({ provider }: Candidate): boolean => this.#byProvider?.get(provider)?.class === "untranslatable";
    if (this.#untranslatable && attempts.length === 0 && candidates.every(isRefused)) return this.#untranslatable;
    return unavailable(standingOf(candidates, snapshot, runtime), this.#reasons(), {
      attempts,
      nowMs: runtime.clock.now(),
      probesEarly: snapshot.settings.lastResort,
      hostTryAtMs: runtime.host.isSuspected ? runtime.host.nextTryAtMs : undefined,
    });
  }

  #reasons(): Map<string, Reason> {
    return (this.#byProvider ??= new Map());
  }
}
