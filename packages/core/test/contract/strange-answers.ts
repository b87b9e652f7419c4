import type { FuzzDialect } from "../fuzz/corpus.ts";
import { isObject, type Json, withMembers } from "./strange-streams.ts";

/** Puts something into a whole answer that no API has today. Returns `undefined` where the answer has no place for it. */
export type StrangeAnswer = (answer: Json) => unknown;

const hologram = { type: "hologram", id: "h_1", status: "completed", hologram: { text: "no" } };

const withFirst =
  (key: string): StrangeAnswer =>
  (answer) =>
    Array.isArray(answer[key]) ? { ...answer, [key]: [hologram, ...(answer[key] as unknown[])] } : undefined;

/** An item after each that is no reasoning, which goes back only together with the item that follows it. */
const betweenItems: StrangeAnswer = ({ output, ...answer }) =>
  Array.isArray(output)
    ? { ...answer, output: output.flatMap((item: Json) => (item["type"] === "reasoning" ? [item] : [item, hologram])) }
    : undefined;

const inMessages: StrangeAnswer = ({ output, ...answer }) => {
  if (!Array.isArray(output) || !output.some((item: Json) => item["type"] === "message")) return undefined;
  const part = { type: "hologram", hologram: "no" };
  const items = output.map((item: Json) =>
    item["type"] === "message" && Array.isArray(item["content"])
      ? { ...item, content: [...(item["content"] as unknown[]), part] }
      : item,
  );
  return { ...answer, output: items };
};

const inMessage =
  (change: (message: Json) => Json): StrangeAnswer =>
  ({ choices, ...answer }) => {
    if (!Array.isArray(choices) || !isObject(choices[0])) return undefined;
    const [first, ...rest] = choices as [Json, ...unknown[]];
    return isObject(first["message"])
      ? { ...answer, choices: [{ ...first, message: change(first["message"]) }, ...rest] }
      : undefined;
  };

/** Adds to a whole answer of each API something that the API does not have yet. */
export const strangeAnswers: Readonly<Record<FuzzDialect, Readonly<Record<string, StrangeAnswer>>>> = {
  native: {
    "members of every object": withMembers,
    "a block before the first one": withFirst("content"),
    "a block after the last one": (answer) =>
      Array.isArray(answer["content"])
        ? { ...answer, content: [...(answer["content"] as unknown[]), hologram] }
        : undefined,
  },
  chat: {
    "members of every object": withMembers,
    "members of the message": inMessage((message) => ({ ...message, hologram, holograms: [hologram] })),
  },
  responses: {
    "members of every object": withMembers,
    "an item before the first one": withFirst("output"),
    "items between all others": betweenItems,
    "a part of a message": inMessages,
  },
};
