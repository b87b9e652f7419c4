/** An upstream's own error that answers the client: 4xx that concern the request itself. */
export interface ForwardedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly provider: string;
}
