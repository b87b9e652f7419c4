/** Options that every verb has. */
export interface CommonOptions {
  readonly config?: string;
  readonly host?: string;
  readonly port?: string;
  readonly workers?: string;
}
