/** Result of a case: its title, its figures by name, and the faults of the answers. */
export interface MemoryFinding {
  readonly title: string;
  readonly figures: readonly (readonly [name: string, value: string])[];
  readonly faults: readonly string[];
}

export function megabytes(value: number): string {
  return `${value.toFixed(1)} MB`;
}
