// Of the prompt: more than its estimate is off by, once answers have corrected that.
const margin = 1.1;
const spareTokens = 256;
// With less room the upstream says itself that the prompt is too long, so that the client compacts the conversation.
const leastRoom = 4_096;

/**
 * Returns the tokens that a prompt leaves for the answer.
 *
 * @param contextWindow - tokens of prompt and answer together.
 * @param promptTokens - estimate of the prompt.
 * @returns tokens; undefined where so few are left that the prompt may be too long.
 */
export function roomInWindow(contextWindow: number, promptTokens: number): number | undefined {
  const room = contextWindow - Math.ceil(promptTokens * margin) - spareTokens;
  return room < leastRoom ? undefined : room;
}
