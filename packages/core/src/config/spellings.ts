/** An entry of a list that is the same as an earlier one, by their places in the list. */
export interface Repetition {
  readonly index: number;
  readonly earlier: number;
}

/**
 * Finds the entries that are the same as an earlier one.
 *
 * @param entries - For each entry a text that all entries like it share; undefined for one that is like no other.
 */
export function repetitions(entries: readonly (string | undefined)[]): readonly Repetition[] {
  const first = new Map<string, number>();
  return entries.flatMap((entry, index) => {
    if (entry === undefined) return [];
    const earlier = first.get(entry);
    if (earlier !== undefined) return [{ index, earlier }];
    first.set(entry, index);
    return [];
  });
}

/** Returns the same text for all spellings of a name that people cannot tell apart: in any case, and in any Unicode form (é is one character or two). */
export function foldName(name: string): string {
  return name.normalize("NFC").toLowerCase();
}
