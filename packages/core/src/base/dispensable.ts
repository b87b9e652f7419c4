// A request without these is none, or another one.
const essentialMembers: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "input",
  "instructions",
  "system",
  "tools",
  "stream",
  "compaction", // without it the conversation is answered, which the client would take for a summary
]);
const essentialInside: ReadonlySet<string> = new Set(
  (
    "model messages input instructions role content type text name description id call_id tool_call_id tool_use_id tool_calls function arguments parameters " +
    "input_schema image_url url source data media_type file file_data filename output thinking signature json_schema schema is_error"
  ).split(" "),
);

/**
 * Decides whether a request can do without one of its members.
 *
 * @param path - steps to the member, with `*` for every index.
 * @returns true if the member may be left out.
 */
export function isDispensable(path: readonly string[]): boolean {
  const leaf = path.at(-1) ?? "*";
  return leaf !== "*" && !(path.length === 1 ? essentialMembers : essentialInside).has(leaf);
}
