import type { Log } from "../../log/log-types.ts";

/** Makes the function that writes a line about each credential that could not be renewed. */
export function logRenewalFailures(log: Log): (provider: string, error: unknown) => void {
  return (provider, error) => {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the credential of ${provider} could not be fetched ahead of a call: ${reason}`;
    log.write("WARNING", "credential_renewal_failed", message, { provider });
  };
}
