import { expect, test } from "vitest";
import { axisTo, ticksTo } from "../../../../src/web/app/usage/charts/ticks";

test.each([
  [0.25, [0, 0.05, 0.1, 0.15, 0.2, 0.25]],
  [0.26, [0, 0.1, 0.2, 0.3]],
  [0.55, [0, 0.2, 0.4, 0.6]],
  [10_900, [0, 2_500, 5_000, 7_500, 10_000, 12_500]],
  [20_000, [0, 5_000, 10_000, 15_000, 20_000]],
  [0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
])("an axis to above %d has round ticks", (highest, ticks) => {
  expect(ticksTo(highest)).toEqual(ticks);
});

test("an axis begins with 0, whatever it is of", () => {
  const { domain, ticks, tickFormatter } = axisTo(9_900, (ms) => `${String(ms / 1000)} s`);
  expect(domain).toEqual([0, 10_000]);
  expect(ticks.map(tickFormatter)).toEqual(["0", "2 s", "4 s", "6 s", "8 s", "10 s"]);
});
