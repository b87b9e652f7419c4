/** An upstream's own error that answers the client: a 4xx about the request itself. */
export interface ForwardedAnswer {
  /** HTTP status. */
  readonly status: number;
  /** Headers that may be forwarded, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body in the shape of the client's API. */
  readonly body: Uint8Array;
  /** Name of the provider. */
  readonly provider: string;
}
