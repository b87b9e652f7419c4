import type { Log } from "../../log/log-types.ts";
import type { AuthorizersOptions } from "./authorizers.ts";
import { clockText } from "./provider-clock.ts";

/** Arguments of `raise` for a credential that could not be renewed. */
interface CredentialAlert {
  readonly type: "credential.expiring";
  readonly provider: string;
  readonly reason: string;
}

/**
 * Makes the listeners that write a line about each credential that could not be renewed, of which the webhooks are told too, and about a clock of this
 * machine that a provider shows to be wrong.
 */
export function credentialLines(
  log: Log,
  raise: (alert: CredentialAlert) => void,
): Pick<AuthorizersOptions, "onRenewalFailure" | "onClockCorrection"> {
  return {
    onRenewalFailure: (provider, error) => {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `the credential of ${provider} could not be fetched ahead of a call: ${reason}`;
      log.write("WARNING", "credential_renewal_failed", message, { provider });
      raise({ type: "credential.expiring", provider, reason });
    },
    onClockCorrection: (provider, aheadMs) => {
      const data = { provider, ahead_seconds: Math.round(aheadMs / 1_000) };
      log.write("WARNING", "clock_corrected", clockText(provider, aheadMs), data);
    },
  };
}
