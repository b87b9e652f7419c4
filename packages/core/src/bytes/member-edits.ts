import { type Edit, editList } from "./edits.ts";
import { type MemberPlace, readElements, readMembers } from "./json-places.ts";

/**
 * Returns the edits that leave out the members at a path of a JSON object.
 *
 * @param body - bytes that are known to be valid JSON.
 * @param path - names of members, with `*` for every index of a list: `messages.*.name`.
 */
export function leaveOutEdits(body: Uint8Array, path: string): readonly Edit[] {
  return leaveOut(body, body.indexOf(0x7b), path.split("."));
}

function leaveOut(body: Uint8Array, start: number, [step = "", ...rest]: readonly string[]): readonly Edit[] {
  if (step === "*") {
    return readElements(body, start).elements.flatMap((element) => leaveOut(body, element.start, rest));
  }
  const { members } = readMembers(body, start);
  const named = members.filter(({ name }) => name === step);
  if (rest.length > 0) return named.flatMap(({ value }) => leaveOut(body, value.start, rest));
  if (named.length === 0) return [];
  return editList({
    open: start + 1,
    elements: members.map(wholeMember),
    isKept: (index) => members[index]?.name !== step,
  });
}

/** Returns the edits that give members of a JSON object a value, wherever they stand, and add those that it does not have. */
export function setMemberEdits(body: Uint8Array, values: Readonly<Record<string, unknown>>): readonly Edit[] {
  const start = body.indexOf(0x7b);
  const { members } = readMembers(body, start);
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    // As `JSON.stringify` leaves it out of an object.
    if (value !== undefined) texts.set(name, JSON.stringify(value));
  }
  const replaced = members.flatMap(({ name, value }): readonly Edit[] => {
    const text = texts.get(name);
    return text === undefined ? [] : [{ ...value, text }];
  });
  for (const { name } of members) texts.delete(name);
  if (texts.size === 0) return replaced;
  const added = [...texts].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",");
  const inserts = new Map([[members.length, added]]);
  return [
    ...replaced,
    ...editList({ open: start + 1, elements: members.map(wholeMember), isKept: () => true, inserts }),
  ];
}

function wholeMember({ key, value }: MemberPlace): { readonly start: number; readonly end: number } {
  return { start: key.start, end: value.end };
}
