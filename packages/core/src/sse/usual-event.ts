import type { Mutable } from "../base/mutable.ts";
import { type FramedEvent, headLength } from "./framed-event.ts";

const LF = 0x0a;
const eventPrefix = "event: ";
const namelessPrefix = "data: {";
const dataPrefix = "\ndata: {";

/**
 * Reads an event in the form in which Anthropic and OpenAI write nearly all of them: `event: NAME` (which Chat Completions leave out), one line of
 * `data: {…}`, a blank line, nothing but LF. Overwrites `event`, and returns it; undefined, with `event` as it was, where another form or a part of an
 * event begins at `from`: its lines must then be looked at one by one.
 */
export function usualEvent(chunk: Uint8Array, from: number, event: Mutable<FramedEvent>): FramedEvent | undefined {
  if (!has(chunk, from, eventPrefix))
    return has(chunk, from, namelessPrefix) ? namelessEvent(chunk, from, event) : undefined;
  const nameStart = from + eventPrefix.length;
  let nameEnd = nameStart;
  while (nameEnd < chunk.length && isNameByte(chunk[nameEnd] as number)) nameEnd += 1;
  if (nameEnd - nameStart > headLength - eventPrefix.length || !has(chunk, nameEnd, dataPrefix)) return undefined;
  const end = chunk.indexOf(LF, nameEnd + dataPrefix.length);
  if (end < 0 || chunk[end - 1] !== 0x7d || chunk[end + 1] !== LF) return undefined;
  // Most events of a stream are of the same kind as the one before.
  if (!isText(chunk, nameStart, nameEnd, event.name)) event.name = textOf(chunk, nameStart, nameEnd);
  return endOneLine(event, end + 2);
}

function namelessEvent(chunk: Uint8Array, from: number, event: Mutable<FramedEvent>): FramedEvent | undefined {
  const end = chunk.indexOf(LF, from + namelessPrefix.length);
  if (end < 0 || chunk[end - 1] !== 0x7d || chunk[end + 1] !== LF) return undefined;
  event.name = "";
  return endOneLine(event, end + 2);
}

/** Marks an event as one line of sound data that ends before `end`. */
function endOneLine(event: Mutable<FramedEvent>, end: number): FramedEvent {
  event.hasData = true;
  event.isSound = true;
  event.isOneLine = true;
  event.hasJunkLine = false;
  event.end = end;
  return event;
}

function has(chunk: Uint8Array, from: number, text: string): boolean {
  return from + text.length <= chunk.length && isText(chunk, from, from + text.length, text);
}

function isText(chunk: Uint8Array, from: number, to: number, text: string): boolean {
  if (to - from !== text.length) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (chunk[from + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

function textOf(chunk: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let at = from; at < to; at += 1) text += String.fromCharCode(chunk[at] as number);
  return text;
}

function isNameByte(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f || byte === 0x2e;
}
