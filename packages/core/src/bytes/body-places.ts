import type { ByteRange } from "./json-walk.ts";
import { endOfValue, lastMember, type MemberPlace, readElements, readMembers, textAt } from "./json-places.ts";

/** A content block: where it stands, its `type`, and its members. */
export interface BlockPlace {
  readonly range: ByteRange;
  readonly type: string;
  readonly members: readonly MemberPlace[];
}

/** A message: where it stands, its role, its content, and the blocks where that is an array; `clearAt` is its member of that name. */
export interface MessagePlace {
  readonly range: ByteRange;
  readonly role: string;
  readonly clearAt: string | undefined;
  readonly content: ByteRange | undefined;
  readonly blocks: readonly BlockPlace[] | undefined;
}

/**
 * Places of the members of a request body and of the parts of its conversation. Of duplicate keys the last counts, as
 * in a parser.
 */
export interface BodyPlaces {
  readonly members: readonly MemberPlace[];
  readonly messages: readonly MessagePlace[];
}

/** Maps the bytes of a request body, which have been checked to be JSON, in one pass. */
export function readPlaces(body: Uint8Array): BodyPlaces {
  let messages: MessagePlace[] = [];
  const { members } = readMembers(body, body.indexOf(0x7b), (at, name) => {
    if (name !== "messages") return endOfValue(body, at);
    messages = [];
    return readElements(body, at, (from) => {
      const message = readMessage(body, from);
      messages.push(message);
      return message.range.end;
    }).end;
  });
  return { members, messages };
}

/** Reads the proof of a thinking block: its `signature`, or the `data` of a redacted one; empty if there is none. */
export function proofAt(body: Uint8Array, block: BlockPlace): string {
  const name = block.type === "thinking" ? "signature" : "data";
  return textAt(body, lastMember(block.members, name)?.value) ?? "";
}

function readMessage(body: Uint8Array, start: number): MessagePlace {
  let blocks: BlockPlace[] | undefined;
  const { members, end } = readMembers(body, start, (at, name) => {
    if (name !== "content") return endOfValue(body, at);
    blocks = body[at] === 0x5b ? [] : undefined;
    return blocks ? readBlocks(body, at, blocks) : endOfValue(body, at);
  });
  return {
    range: { start, end },
    role: textAt(body, lastMember(members, "role")?.value) ?? "",
    clearAt: textAt(body, lastMember(members, "clear_at")?.value),
    content: lastMember(members, "content")?.value,
    blocks,
  };
}

function readBlocks(body: Uint8Array, start: number, blocks: BlockPlace[]): number {
  return readElements(body, start, (at) => {
    const { members, end } = readMembers(body, at);
    blocks.push({ range: { start: at, end }, type: textAt(body, lastMember(members, "type")?.value) ?? "", members });
    return end;
  }).end;
}
