import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRequestFacts } from "../dialects/messages/request-facts.ts";
import { concatBytes } from "./concat-bytes.ts";
import { spliceModel, spliceStartModel } from "./splice-model.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

// Values that hold look-alikes of the member that is spliced.
const lookAlike = fc.constantFrom('"model":"x"', '{"model": "y"}', "model", '\\"model\\":', "\u{1f600}", "");

describe("spliceModel", () => {
  it("changes only the bytes of the top-level model, wherever it stands and however it is written", () => {
    const member = fc.tuple(
      fc.string({ unit: "grapheme" }).filter((key) => key !== "model"),
      fc.oneof(lookAlike, fc.jsonValue({ maxDepth: 3 })),
    );
    fc.assert(
      fc.property(
        fc.array(member, { maxLength: 6 }),
        fc.nat(),
        fc.string({ minLength: 1 }),
        fc.string({ minLength: 1 }),
        fc.constantFrom("", " ", "\n\t"),
        (members, at, model, mapped, space) => {
          const text = members
            .filter(([key]) => key !== "messages")
            .map(([key, value]) => `${JSON.stringify(key)}:${space}${JSON.stringify(value)}`);
          const before = [...text.slice(0, at % (text.length + 1)), '"messages":[]'];
          const after = text.slice(at % (text.length + 1));
          const head = `{${space}${before.join(`${space},`)},"model"${space}:${space}`;
          const tail = `${after.map((part) => `,${part}`).join("")}${space}}`;
          const body = encode(head + JSON.stringify(model) + tail);
          const facts = readRequestFacts(body);
          expect(facts.model).toBe(model);
          expect(decode(concatBytes(spliceModel(body, facts.modelRanges, mapped)))).toBe(
            decode(encode(head + JSON.stringify(mapped) + tail)),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("replaces every duplicate, so that it does not matter which one an upstream takes, and reads the last", () => {
    const body = encode('{"model":"a","messages":[],"mod\\u0065l":"b"}');
    const facts = readRequestFacts(body);
    expect(facts.model).toBe("b");
    expect(decode(concatBytes(spliceModel(body, facts.modelRanges, "c")))).toBe(
      '{"model":"c","messages":[],"mod\\u0065l":"c"}',
    );
  });

  it("leaves the caller's bytes in place: the parts are views of the body", () => {
    const body = encode('{"messages":[],"model":"a"}');
    const parts = spliceModel(body, readRequestFacts(body).modelRanges, "b");
    expect(parts[0]?.buffer).toBe(body.buffer);
    expect(decode(body)).toBe('{"messages":[],"model":"a"}');
  });
});

describe("spliceStartModel", () => {
  it("replaces the model of the message, and no other", () => {
    const event =
      'event: message_start\ndata: {"type":"message_start","model":"x","message":{"id":"m","model":"up","content":[{"model":"y"}]}}\n\n';
    expect(decode(spliceStartModel(encode(event), event.indexOf("{"), "asked"))).toBe(event.replace('"up"', '"asked"'));
  });

  it("leaves an event without one as it is", () => {
    const bytes = encode('{"type":"message_start","message":{"id":"m"}}');
    expect(spliceStartModel(bytes, 0, "asked")).toBe(bytes);
  });
});

describe("readRequestFacts", () => {
  it("finds stream, metadata and thread", () => {
    const facts = readRequestFacts(
      encode('{"model":"m","stream":true,"metadata":{"user_id":"u"},"thread":{"type":"create"},"messages":[]}'),
    );
    expect(facts.stream).toBe(true);
    expect(facts.metadata).toBeDefined();
    expect(facts.thread).toBeDefined();
  });

  it.each([
    ["", /not a JSON object/],
    ["[]", /not a JSON object/],
    ['{"model":"m","messages":[]} x', /unexpected data after the object/],
    ['{"messages":[]}', /model: a non-empty string/],
    ['{"model":"","messages":[]}', /model: a non-empty string/],
    ['{"model":5,"messages":[]}', /model: a non-empty string/],
    ['{"model":"m"}', /messages: an array/],
    ['{"model":"m","messages":{}}', /messages: an array/],
  ])("refuses %j", (text, message) => {
    expect(() => readRequestFacts(encode(text))).toThrow(message);
  });

  it("refuses bytes that are no UTF-8", () => {
    const body = new Uint8Array([...encode('{"model":"m","messages":["'), 0xff, ...encode('"]}')]);
    expect(() => readRequestFacts(body)).toThrow(/invalid UTF-8 at byte 26/);
  });
});
