/** A proxy that is asked for a tunnel: with CONNECT (`http`, over TLS where it is `secure`), or as RFC 1928 says (`socks5`). */
export interface ProxyTarget {
  readonly kind: "http" | "socks5";
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
  /** A secret. */
  readonly credential: { readonly user: string; readonly password: string } | undefined;
  /** True if the environment names it, so that all providers without a proxy of their own go through it. */
  readonly isShared: boolean;
}

/** Returns the value of `proxy-authorization` for a credential. A secret. */
export function basicAuthorization({ user, password }: NonNullable<ProxyTarget["credential"]>): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
