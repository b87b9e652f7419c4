import { expect, test } from "vitest";
import { ClientRequest } from "./client-request.ts";

const text = '{"model":"m-1", "stream":true, "messages":[{"role":"user","content":"q"}]}';
const body = new TextEncoder().encode(text);

/** Four places for each member, as `ScanBody` gives them. */
const memberOffsets = ['"model"', '"stream"', '"messages"'].flatMap((key) => {
  const at = text.indexOf(key);
  const colon = at + key.length;
  const end = key === '"messages"' ? text.length - 1 : text.indexOf(",", colon);
  return [at, colon, colon + 1, end];
});

test("the members that a program found while the body arrived are taken, and the body is not scanned again", () => {
  const scanned: unknown[] = [];
  const scanBody = (chunks: readonly Uint8Array[]): undefined => void scanned.push(chunks);
  const known = new ClientRequest({ body, memberOffsets }, { scanBody });
  expect(scanned).toHaveLength(0);
  expect(known.facts).toEqual(new ClientRequest({ body }, { scanBody }).facts);
  expect(scanned).toHaveLength(1);
  expect(known.facts).toMatchObject({ model: "m-1", stream: true, modelRanges: [{ start: 9, end: 14 }] });
});

test("a body whose members are not known is scanned", () => {
  const scanBody = (): readonly number[] => memberOffsets;
  expect(new ClientRequest({ body, memberOffsets: undefined }, { scanBody }).facts.model).toBe("m-1");
});
