/** Placeholder types until the profile table stands. */
export interface ProfileOverride {
  readonly [key: string]: unknown;
}
