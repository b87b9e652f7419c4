import { type Lesson, lessonId } from "../base/lesson.ts";
import { withoutLabels } from "../failures/prose.ts";
import { withoutQuotes } from "../failures/quoted-text.ts";
import { conversationRows } from "./refusal-rows-conversation.ts";
import { memberRows } from "./refusal-rows-members.ts";
import { toolRows } from "./refusal-rows-tools.ts";
import { valueRows } from "./refusal-rows-values.ts";
import type { RefusalRow, RefusedRequest } from "./refusal-types.ts";
import type { UpstreamErrorText } from "../base/outcome.ts";

/**
 * The table of refusals: what an upstream says when it cannot take a part of a request, and what to change in the profile then. The first row that applies
 * and whose words are found teaches. Rows about a part of the conversation stand before those that only name a member.
 */
export const refusalRows: readonly RefusalRow[] = [...conversationRows, ...toolRows, ...valueRows, ...memberRows];

const longestRead = 2_000;

/**
 * Reads what a refusal teaches about the provider.
 *
 * @param error - the upstream's error.
 * @param request - the request that was refused.
 * @returns the lesson; undefined where the error names nothing that can be changed, or only repeats the client's own words.
 */
export function readLesson(error: UpstreamErrorText, request: RefusedRequest): Lesson | undefined {
  const forms = formsOf(error);
  const isPassed = request.dialect !== "messages" && request.isPassed === true;
  for (const row of refusalRows) {
    if (isPassed && row.suitsPassed !== true) continue;
    if (!row.wordings.some((wording) => forms.some((form) => wording.test(form)))) continue;
    if (!row.applies(request)) continue;
    const text = statementOf(row, forms, request);
    const profile = text === undefined ? undefined : row.change(request, text);
    if (profile === undefined) continue;
    const lesson = { id: lessonId(row.id, profile), profile };
    if (!request.tried.has(lesson.id)) return lesson;
  }
  return undefined;
}

// Stands in every refusal, and would make "invalid" of each parameter that one names.
const saysNothing = /^(?:invalid[_ -]?request(?:[_ -]?error)?|bad[_ -]?request(?:[_ -]?error)?|\d{1,5}|none|error)$/i;

/**
 * Lists the forms of an error, each on one line: its message, and the parameter that it names together with its code
 * or message.
 */
function formsOf({ message, param, code, type }: UpstreamErrorText): readonly string[] {
  // Validators' errors stand as JSON in the message of some: with escaped quotation marks.
  const text = message.slice(0, longestRead).replaceAll('\\"', '"').replaceAll(/\s+/g, " ").trim();
  if (param === undefined) return [text];
  const kinds = [code, type]
    .filter((word) => word !== undefined && !saysNothing.test(word))
    .map((word) => word?.replaceAll("_", " "));
  return [text, `${param}: ${text}`, ...kinds.map((kind) => `${kind}: ${param}`)];
}

/**
 * The form in which the provider itself says a row's words: at the beginning, where no error repeats what it was given, or in what is left without the
 * parts that stand in the request. Undefined where they are the client's own.
 */
function statementOf(row: RefusalRow, forms: readonly string[], request: RefusedRequest): string | undefined {
  const says = (text: string): boolean => row.wordings.some((wording) => wording.test(text));
  for (const form of forms) {
    if (!says(form)) continue;
    const head = headOf(form);
    if (says(head)) return form;
    const own = withoutQuotes(form, request.clientText, request.model);
    if (own !== undefined && row.wordings.some((wording) => isOwn(wording.exec(own)?.[0], request))) return own;
  }
  return undefined;
}

/**
 * Decides whether words are present and are not the client's. A quotation of a few words is too short for
 * `withoutQuotes`.
 */
function isOwn(words: string | undefined, { clientText }: RefusedRequest): boolean {
  const bare = words?.replaceAll(/^[\s'"`]{1,8}|[\s'"`\]).,;。]{1,8}$/g, "") ?? "";
  return bare !== "" && !clientText.includes(JSON.stringify(bare).slice(1, -1));
}

/** The first clause of a text, up to what may be a quotation: behind a relay's labels, to the first colon, bracket or quotation mark. */
function headOf(form: string): string {
  const text = withoutLabels(form);
  const mark = /[:：（({[“"「‘]|\s['`]/.exec(text);
  return mark === null ? text : text.slice(0, mark.index);
}
