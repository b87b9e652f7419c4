const nameForm = /^usage-(\d{4}-\d\d)(?:\.[0-9a-f-]{36})?\.jsonl$/;

/** Returns the month (`2026-11`) whose usage a file holds by its name; undefined for a file that is none of the ledger's. */
export function monthOfUsageFile(name: string): string | undefined {
  return nameForm.exec(name)?.[1];
}
