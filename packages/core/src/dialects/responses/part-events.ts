import type { EventPlace } from "../answer-watch.ts";

const QUOTE = 0x22;
const DOT = 0x2e;
const SPACE = 0x20;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const typeMember = '"type":';
const responsePrefix = '"response.';

/**
 * Decides whether an event of Responses belongs to a part of the answer, such as `response.output_text.delta` or `response.output_item.done`. Events of its
 * end or of a failure have one dot in their type. The type is read from the data, because clients ignore the name on the `event:` line. It is found as the
 * first member of the data (OpenAI) or as the last (Bedrock); the result is false where it stands elsewhere.
 */
export function isPartEvent(place: EventPlace): boolean {
  const type = firstMember(place) ?? lastMember(place);
  return type !== undefined && isPartType(place, type);
}

/** The place of the value of `type` where that is the first member. */
function firstMember({ chunk, from, end }: EventPlace): number | undefined {
  const data = chunk.indexOf(OPEN_OBJECT, from);
  if (data < 0 || data >= end || !holds(chunk, data + 1, typeMember)) return undefined;
  const value = data + 1 + typeMember.length;
  return chunk[value] === SPACE ? value + 1 : value;
}

/** The place of the value of `type` where that is the last member. A string that ends so, with quotes in it, has them escaped. */
function lastMember({ chunk, from, end }: EventPlace): number | undefined {
  let close = end - 1;
  while (close > from && (chunk[close] as number) <= SPACE) close -= 1;
  if (chunk[close] !== CLOSE_OBJECT || chunk[close - 1] !== QUOTE) return undefined;
  let value = close - 2;
  while (value > from && chunk[value] !== QUOTE) value -= 1;
  const before = chunk[value - 1] === SPACE ? value - 1 : value;
  return holds(chunk, before - typeMember.length, typeMember) ? value : undefined;
}

function isPartType({ chunk, end }: EventPlace, type: number): boolean {
  if (!holds(chunk, type, responsePrefix)) return false;
  for (let at = type + responsePrefix.length; at < end && chunk[at] !== QUOTE; at += 1)
    if (chunk[at] === DOT) return true;
  return false;
}

function holds(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}
