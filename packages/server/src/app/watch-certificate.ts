import type { AlertSink } from "../alerts/alert.ts";
import { type TlsWatchOptions, watchTls } from "../http/watch-tls.ts";

export interface CertificateWatchOptions extends Omit<TlsWatchOptions, "onFault"> {
  readonly raise: AlertSink;
}

/** Takes a renewed certificate into use, and has the webhooks told of one that cannot be used. Disposing ends it. */
export function watchCertificate({ raise, ...options }: CertificateWatchOptions): Disposable {
  const onFault = (reason: string): void =>
    raise({ type: "certificate.rejected", path: options.settings().tls?.cert ?? "", reason });
  return watchTls({ ...options, onFault });
}
