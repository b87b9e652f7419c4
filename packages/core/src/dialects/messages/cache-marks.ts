import type { ByteRange } from "../../bytes/json-walk.ts";
import type { BodyPlaces } from "../../bytes/body-places.ts";
import { type Edit, editList } from "../../bytes/edits.ts";
import { lastMember, type MemberPlace, readElements, readMembers } from "../../bytes/json-places.ts";

/** Returns the edits that leave only the last `limit` marks (`cache_control`) of tools, system prompt and conversation, in this order. */
export function surplusMarkEdits(body: Uint8Array, { members, messages }: BodyPlaces, limit: number): readonly Edit[] {
  const listed = ["tools", "system"].flatMap((name) => listedObjects(body, lastMember(members, name)?.value));
  const blocks = messages.flatMap((message) => message.blocks ?? []);
  const spoken = blocks.flatMap((block) => [
    ...(block.type === "tool_result" ? listedObjects(body, lastMember(block.members, "content")?.value) : []),
    block.members,
  ]);
  const marked = [...listed, ...spoken].filter((object) => lastMember(object, "cache_control"));
  const surplus = marked.slice(0, Math.max(0, marked.length - limit));
  return surplus.flatMap((object) =>
    editList({
      open: 0, // nothing is put in
      elements: object.map(({ key, value }) => ({ start: key.start, end: value.end })),
      isKept: (index) => object[index]?.name !== "cache_control",
    }),
  );
}

function listedObjects(body: Uint8Array, list: ByteRange | undefined): readonly (readonly MemberPlace[])[] {
  if (!list) return [];
  return readElements(body, list.start).elements.map((element) => readMembers(body, element.start).members);
}
