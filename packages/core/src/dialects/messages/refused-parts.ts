import { isObject } from "../../base/json.ts";
import type { NativeProfile } from "../../base/profile-types.ts";
import { readPlaces } from "../../bytes/body-places.ts";
import { concatBytes } from "../../bytes/concat-bytes.ts";
import { applyEdits, type Edit } from "../../bytes/edits.ts";
import { lastMember, type MemberPlace, readElements, readMembers, textAt, valueAt } from "../../bytes/json-places.ts";
import type { ByteRange } from "../../bytes/json-walk.ts";
import { leaveOutEdits } from "../../bytes/member-edits.ts";
import { shapeSchema } from "../../conversation/request/common-schema.ts";
import { cleanParameters } from "../../conversation/request/tool-schema.ts";

/** The members of a profile that say which parts of a request a provider does not take. */
type RefusedParts = Pick<NativeProfile, "omit" | "images" | "files" | "toolReferences" | "toolSchema" | "omitSchema">;

/**
 * Returns a body without the parts that the provider does not take: a text stands in the place of images, documents and references to tools, schemas of tools have the
 * keywords that are taken, and members of `omit` are left out. Where the provider takes everything, the parts are returned as they are.
 */
export function withoutRefusedParts(parts: readonly Uint8Array[], profile: RefusedParts): readonly Uint8Array[] {
  const { omit, images, files, toolReferences, toolSchema, omitSchema } = profile;
  const passes = [
    ...(images && files && toolReferences ? [] : [(body: Uint8Array) => blockEdits(body, profile)]),
    ...(toolSchema === "json-schema" && omitSchema.length === 0
      ? []
      : [(body: Uint8Array) => schemaEdits(body, profile)]),
    // One path after the other: two paths can lead into the same object, and edits must not overlap.
    ...omit.map((path) => (body: Uint8Array) => leaveOutEdits(body, path)),
  ];
  let left = parts;
  for (const editsOf of passes) {
    const body = concatBytes(left);
    left = applyEdits(body, editsOf(body));
  }
  return left;
}

function blockEdits(body: Uint8Array, profile: RefusedParts): readonly Edit[] {
  return readPlaces(body).messages.flatMap(({ content }) => (content ? contentEdits(body, content, profile) : []));
}

/** The edits of a list of content blocks, and of the results of tools in it. */
function contentEdits(body: Uint8Array, content: ByteRange, profile: RefusedParts): readonly Edit[] {
  return readElements(body, content.start).elements.flatMap((block): readonly Edit[] => {
    const { members } = readMembers(body, block.start);
    const type = textAt(body, lastMember(members, "type")?.value);
    const inner = type === "tool_result" ? lastMember(members, "content")?.value : undefined;
    if (inner) return contentEdits(body, inner, profile);
    if (type === "image" && !profile.images) return [{ ...block, text: standIn(body, members, "image") }];
    if (type === "tool_reference" && !profile.toolReferences) return [{ ...block, text: namedTool(body, members) }];
    const isFile = type === "document" && !profile.files && !isText(body, members);
    return isFile ? [{ ...block, text: standIn(body, members, "document") }] : [];
  });
}

/** Decides whether a document is text already, or blocks of content, and so no file. */
function isText(body: Uint8Array, members: readonly MemberPlace[]): boolean {
  const source = lastMember(members, "source")?.value;
  const type = source && textAt(body, lastMember(readMembers(body, source.start).members, "type")?.value);
  return type === "text" || type === "content";
}

/** The tool that a search has found, by its name: the definition is among the tools of the request. */
function namedTool(body: Uint8Array, members: readonly MemberPlace[]): string {
  return textBlock(body, members, `[tool available: ${textAt(body, lastMember(members, "tool_name")?.value) ?? ""}]`);
}

/** The model is told that something is missing, since it may have been asked about it; a mark for the cache stays. */
function standIn(body: Uint8Array, members: readonly MemberPlace[], what: "image" | "document"): string {
  const refused = what === "image" ? "images" : "files";
  return textBlock(body, members, `[${what} omitted: this provider does not accept ${refused}]`);
}

function textBlock(body: Uint8Array, members: readonly MemberPlace[], text: string): string {
  const mark = lastMember(members, "cache_control")?.value;
  return JSON.stringify({ type: "text", text, ...(mark && { cache_control: valueAt(body, mark) }) });
}

function schemaEdits(body: Uint8Array, profile: RefusedParts): readonly Edit[] {
  const tools = lastMember(readPlaces(body).members, "tools")?.value;
  if (!tools) return [];
  return readElements(body, tools.start).elements.flatMap(({ start }, index): readonly Edit[] => {
    const place = lastMember(readMembers(body, start).members, "input_schema")?.value;
    const schema = place && valueAt(body, place);
    if (!place || !isObject(schema)) return [];
    const shaped = shapeSchema(cleanParameters(schema, `tools[${index}].input_schema`), profile);
    return [{ ...place, text: JSON.stringify(shaped) }];
  });
}
