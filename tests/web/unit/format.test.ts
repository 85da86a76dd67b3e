import { describe, expect, test } from "vitest";
import {
  formatCost,
  formatCount,
  formatDuration,
  formatMoment,
  ratioOf,
  shorten,
} from "../../../src/web/app/format";

describe("a cost", () => {
  test.each([
    [null, "price unknown"],
    [0, "$0.00"],
    [0.000_06, "< $0.0001"],
    [0.0001, "$0.0001"],
    [0.166_46, "$0.1665"],
    [0.5, "$0.50"],
    [1, "$1.00"],
    [1234.567, "$1,234.57"],
  ])("of %s reads %s", (usd, words) => {
    expect(formatCost(usd)).toBe(words);
  });
});

describe("a duration", () => {
  test.each([
    [0, "0 ms"],
    [999.4, "999 ms"],
    [999.6, "1.0 s"],
    [1000, "1.0 s"],
    [12_345, "12.3 s"],
    [59_949, "59.9 s"],
    [59_951, "1 min 0 s"],
    [125_000, "2 min 5 s"],
  ])("of %s ms reads %s", (ms, words) => {
    expect(formatDuration(ms)).toBe(words);
  });
});

test("a count that is not known is called so", () => {
  expect(formatCount(null)).toBe("unknown");
});

test("a count has its thousands apart", () => {
  expect(formatCount(4160)).toBe("4,160");
});

test("a moment is told in the given time zone, which is named", () => {
  const moment = "2026-11-23T23:30:00+00:00";
  expect(formatMoment(moment, "UTC")).toBe("23 Nov 2026, 23:30 UTC");
  expect(formatMoment(moment, "Asia/Tokyo")).toBe("24 Nov 2026, 08:30 GMT+9");
});

test("a text is cut at whole characters", () => {
  expect(shorten("lighthouse", 10)).toBe("lighthouse");
  expect(shorten("a lighthouse", 3)).toBe("a…");
  expect(shorten("🛳️🛳️🛳️", 2)).toBe("🛳…");
});

test.each([
  ["16:9", 16 / 9],
  ["3:4", 0.75],
  ["panorama", 1],
  ["4:0", 1],
])("the ratio of %s is %d", (ratio, number) => {
  expect(ratioOf(ratio)).toBe(number);
});
