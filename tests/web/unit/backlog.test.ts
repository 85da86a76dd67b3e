import { expect, test } from "vitest";
import { isGrowing, sampled } from "../../../src/web/app/service/backlog";

test.each([
  [[10, 20, 30, 40, 50, 60], true],
  [[10, 20, 30, 40, 50], false], // too short a time
  [[10, 90, 10, 90, 10, 90], false], // they come in batches, and go
  [[60, 50, 40, 30, 20, 10], false],
  [[90, 90, 90, 90, 90, 90], false],
  [[0, 1, 2, 3, 4, 5], false], // a few, while the delivery starts
])("%j grows: %s", (samples, grows) => {
  expect(isGrowing(samples)).toBe(grows);
});

test("only the latest samples are kept", () => {
  expect([1, 2, 3, 4, 5, 6, 7].reduce(sampled, [])).toEqual([2, 3, 4, 5, 6, 7]);
});
