import type { EventPlace } from "../answer-watch.ts";

const QUOTE = 0x22;
const DOT = 0x2e;
const SPACE = 0x20;
const OPEN_OBJECT = 0x7b;
const typeMember = '{"type":';
const responsePrefix = '"response.';

/**
 * Whether an event of Responses tells of a part of the answer, such as `response.output_text.delta` or `response.output_item.done`, and so neither of its
 * end nor of a failure, which have one dot in their type. The type is read where it is the first member of the data, as OpenAI has it. Elsewhere the name
 * on the `event:` line is believed.
 *
 * @param name - At most 33 characters of it; empty where there is none.
 */
export function isPartEvent(name: string, { chunk, from, end }: EventPlace): boolean {
  const data = chunk.indexOf(OPEN_OBJECT, from);
  if (data < 0 || !holds(chunk, data, typeMember)) return isPartType(name);
  let at = data + typeMember.length;
  if (chunk[at] === SPACE) at += 1;
  if (!holds(chunk, at, responsePrefix)) return false;
  for (at += responsePrefix.length; at < end && chunk[at] !== QUOTE; at += 1) if (chunk[at] === DOT) return true;
  return false;
}

function isPartType(name: string): boolean {
  return name.startsWith("response.") && name.includes(".", "response.".length);
}

function holds(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}
