import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPlaces } from "../../bytes/body-places.ts";
import { concatBytes } from "../../bytes/concat-bytes.ts";
import { neutralNativeProfile } from "../../vendors/messages-profile.ts";
import { editBody } from "./body.ts";

interface Block {
  readonly type: string;
  readonly id?: string;
  readonly tool_use_id?: string;
  readonly [member: string]: unknown;
}
type Message = { readonly role: string; readonly content: string | readonly Block[] };

function repaired(messages: readonly Message[]): { readonly text: string; readonly messages: readonly Message[] } {
  const body = new TextEncoder().encode(JSON.stringify({ model: "m", max_tokens: 1, messages }));
  const parts = editBody(body, readPlaces(body), {
    model: "m",
    profile: { ...neutralNativeProfile, toolIds: "unique" },
    maxTokens: undefined,
    isForeign: () => false,
    withoutThinking: false,
    mayLackThinking: false,
    dropsSampling: false,
  });
  const text = new TextDecoder().decode(concatBytes(parts));
  return { text, messages: (JSON.parse(text) as { messages: readonly Message[] }).messages };
}

const call = (id: string): Block => ({ type: "tool_use", id, name: "f", input: {} });
const result = (id: string): Block => ({ type: "tool_result", tool_use_id: id, content: "r" });
const turn = (...ids: readonly string[]): readonly Message[] => [
  { role: "assistant", content: ids.map(call) },
  { role: "user", content: ids.map(result) },
];
const callIds = (messages: readonly Message[]) =>
  messages.flatMap(({ content }) => (typeof content === "string" ? [] : content.flatMap(({ id }) => id ?? [])));
const resultIds = (messages: readonly Message[]) =>
  messages.flatMap(({ content }) =>
    typeof content === "string" ? [] : content.flatMap(({ tool_use_id: id }) => id ?? []),
  );

describe("a history that holds an id twice", () => {
  it.each([
    ["numbered per answer", [...turn("call_0"), ...turn("call_0")], ["call_0", "call_0_2"]],
    ["constant", [...turn("x"), ...turn("x"), ...turn("x")], ["x", "x_2", "x_3"]],
    ["twice within one turn", turn("a", "a"), ["a", "a_2"]],
    ["where the copy's name is taken", [...turn("a"), ...turn("a"), ...turn("a_2")], ["a", "a_3", "a_2"]],
    ["as long as may be", [...turn("l".repeat(64)), ...turn("l".repeat(64))], ["l".repeat(64), `${"l".repeat(62)}_2`]],
  ])("gets one for each call, %s, and its results with it", (_case, messages, ids) => {
    const { messages: sent } = repaired([{ role: "user", content: "q" }, ...messages]);
    expect(callIds(sent)).toEqual(ids);
    expect(resultIds(sent)).toEqual(ids);
  });

  it("stays byte for byte where no id comes twice, and is the same in every request", () => {
    const id = fc.constantFrom("a", "b", "call_0", "a_2", "toolu_1");
    fc.assert(
      fc.property(fc.array(fc.array(id, { minLength: 1, maxLength: 3 }), { maxLength: 6 }), (turns) => {
        const messages = turns.flatMap((ids) => turn(...ids));
        const { text, messages: sent } = repaired(messages);
        const made = callIds(sent);
        expect(new Set(made).size).toBe(made.length);
        expect(resultIds(sent)).toEqual(made);
        const given = turns.flat();
        if (new Set(given).size === given.length)
          expect(text).toBe(JSON.stringify({ model: "m", max_tokens: 1, messages }));
        // What comes later changes nothing of what came before.
        expect(callIds(repaired([...messages, ...turn("a", "b")]).messages).slice(0, made.length)).toEqual(made);
      }),
    );
  });
});
