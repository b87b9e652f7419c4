import { expect, test } from "vitest";
import { Peers } from "./peers.ts";

test("the quickest message is the measure, and what took longer is late by the difference", () => {
  const peers = new Peers();
  expect(peers.hear("a", 1_000, 50_010)).toBe(0);
  expect(peers.hear("a", 2_000, 51_002)).toBe(0);
  expect(peers.hear("a", 3_000, 52_002)).toBe(0);
  expect(peers.hear("a", 3_000, 62_002)).toBe(10_000);
  expect(peers.hear("b", 3_000, 62_002)).toBe(0);
});

test("a sender whose clock stood still is late for a minute at most", () => {
  const peers = new Peers();
  expect(peers.hear("a", 0, 0)).toBe(0);
  // It slept for 20 seconds, which its clock did not count.
  const late = [30, 40, 50, 60, 70, 80].map((second) => peers.hear("a", (second - 20) * 1_000, second * 1_000));
  expect(late).toEqual([20_000, 20_000, 20_000, 0, 0, 0]);
});

test("what is written down is late by the same measure, and nothing is said of a sender that is not heard", () => {
  const peers = new Peers();
  expect(peers.lateness("a", 0, 100)).toBe(0);
  peers.hear("a", 0, 100);
  expect(peers.lateness("a", 1_000, 6_100)).toBe(5_000);
  expect(peers.lateness("a", 1_000, 60_100)).toBe(0);
});

test("who was silent for half a minute is not counted", () => {
  const peers = new Peers();
  peers.hear("a", 0, 0);
  peers.hear("b", 0, 20_000);
  expect([0, 29_999, 30_000, 50_000].map((nowMs) => peers.count(nowMs))).toEqual([2, 2, 1, 0]);
});

test("no more than 2,000 senders are remembered", () => {
  const peers = new Peers();
  for (let index = 0; index < 3_000; index += 1) peers.hear(`peer-${index}`, 0, 1);
  expect(peers.count(1)).toBe(2_000);
});
