import type { Log } from "../../log/log-types.ts";
import { clockText } from "./provider-clock.ts";

/** Arguments of `raise` for a credential that could not be renewed. */
interface CredentialAlert {
  readonly type: "credential.expiring";
  readonly provider: string;
  readonly reason: string;
}

/** Makes the function that writes a line where a provider shows that this machine's clock is wrong. */
export function logClockCorrections(log: Log): (provider: string, aheadMs: number) => void {
  return (provider, aheadMs) => {
    log.write("WARNING", "clock_corrected", clockText(provider, aheadMs), {
      provider,
      ahead_seconds: Math.round(aheadMs / 1_000),
    });
  };
}

/** Makes the function that writes a line about each credential that could not be renewed, and has the webhooks told. */
export function logRenewalFailures(
  log: Log,
  raise: (alert: CredentialAlert) => void,
): (provider: string, error: unknown) => void {
  return (provider, error) => {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the credential of ${provider} could not be fetched ahead of a call: ${reason}`;
    log.write("WARNING", "credential_renewal_failed", message, { provider });
    raise({ type: "credential.expiring", provider, reason });
  };
}
