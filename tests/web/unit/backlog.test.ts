import { expect, test } from "vitest";
import { NO_BACKLOG, SAMPLES, watched, type Backlog } from "../../../src/web/app/service/backlog";

/** Watches so many samples of what `pendingAt` returns, with as many events delivered as `deliveredAt` says. */
function watching(
  count: number,
  pendingAt: (sample: number) => number,
  deliveredAt: (sample: number) => number = (sample) => sample,
  before: Backlog = NO_BACKLOG,
): Backlog[] {
  const seen = [before];
  for (let sample = 0; sample < count; sample += 1) {
    const [pending, delivered] = [pendingAt(sample), deliveredAt(sample)];
    seen.push(watched(seen.at(-1) ?? before, { pending, accepted: pending + delivered }));
  }
  return seen.slice(1);
}

const grows = (seen: Backlog[]) => seen.at(-1)?.isGrowing;

test.each([
  ["grows fast", (sample: number) => 10 * sample, true],
  ["grows by one each minute", (sample: number) => 10 + Math.floor(sample / 6), true],
  ["comes in batches, and goes", (sample: number) => (sample % 2 === 0 ? 10 : 90), false],
  ["becomes less", (sample: number) => 1_000 - 10 * sample, false],
  ["stays", () => 90, false],
  ["is small, while the delivery starts", (sample: number) => Math.min(sample, 9), false],
] as const)("what %s, grows: %s", (_, pendingAt, expected) => {
  expect(grows(watching(SAMPLES, pendingAt))).toBe(expected);
});

test("what was not watched for long does not grow", () => {
  expect(grows(watching(SAMPLES - 1, (sample) => 100 * sample))).toBe(false);
});

test("a slow growth is told once, and not again and again", () => {
  const told = watching(10 * SAMPLES, (sample) => 10 + Math.floor(sample / 2)).map((each) => each.isGrowing);
  expect(told.filter((each, sample) => each !== (told[sample - 1] ?? false))).toEqual([true]);
});

test("a growth has ended when no more wait than when it began", () => {
  const grown = watching(SAMPLES, (sample) => 20 + sample).at(-1);
  expect(grows(watching(5, () => 40, undefined, grown))).toBe(true);
  expect(grows(watching(5, () => 21, undefined, grown))).toBe(true);
  expect(grows(watching(1, () => 20, undefined, grown))).toBe(false);
});

test("a growth from nothing has ended when a few wait", () => {
  const grown = watching(SAMPLES, (sample) => sample * 2).at(-1);
  expect(grows(watching(1, () => 10, undefined, grown))).toBe(true);
  expect(grows(watching(1, () => 9, undefined, grown))).toBe(false);
});

test.each([
  ["while some wait and none leaves", () => 5, () => 7, true],
  ["also when they become more", (sample: number) => 5 + sample, () => 7, true],
  ["not when some leave", () => 5, (sample: number) => Math.floor(sample / 20), false],
  ["not when none wait", () => 0, () => 7, false],
  ["not when none waited for a moment", (sample: number) => (sample === 3 ? 0 : 5), () => 7, false],
] as const)("events are stuck %s", (_, pendingAt, deliveredAt, expected) => {
  expect(watching(SAMPLES, pendingAt, deliveredAt).at(-1)?.isStuck).toBe(expected);
  expect(watching(SAMPLES - 1, pendingAt, deliveredAt).at(-1)?.isStuck).toBe(false);
});
