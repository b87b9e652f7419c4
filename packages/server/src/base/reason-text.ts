import type { Reason } from "@ccpb/core";

/** Returns the class of a reason and its sentence: `overloaded: HTTP 529 (overloaded_error)`. */
export function reasonText({ class: reasonClass, detail }: Reason): string {
  return `${reasonClass}: ${detail}`;
}

/** Returns a reason with what the provider itself said: `overloaded: HTTP 529, “Try again later” (request id req_1)`. For operators; clients never see it. */
export function reasonInFull(reason: Reason): string {
  return withWords(reasonText(reason), reason.words, reason.requestId);
}

/** Adds the provider's own words and its id of the request to the text of a reason, as far as they are known. */
export function withWords(
  text: string,
  words: string | null | undefined,
  requestId: string | null | undefined,
): string {
  const said = words === null || words === undefined ? "" : `, “${words}”`;
  const id = requestId === null || requestId === undefined ? "" : ` (request id ${requestId})`;
  return `${text}${said}${id}`;
}
