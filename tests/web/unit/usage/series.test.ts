import { describe, expect, test } from "vitest";
import type { Answer, Spent, SpentByDay } from "../../../../src/web/app/service/usage";
import { seriesOf, stack } from "../../../../src/web/app/usage/series";

function spending(...rows: Pick<SpentByDay, "day" | "key" | "cost_usd">[]): Answer<SpentByDay, Spent> {
  const range = { since: "2026-11-20", until: "2026-11-22", time_zone: "UTC" };
  const none = { unknown_price: 0, events: 1 };
  return {
    ...range,
    as_of: "2026-11-23T09:05:00+00:00",
    current: true,
    trouble: null,
    rows: rows.map((row) => ({ ...none, ...row })),
    total: { ...none, cost_usd: null },
  };
}

describe("a stack", () => {
  test("has each day, the highest cost first and the others last", () => {
    const answer = spending(
      { day: "2026-11-20", key: "a", cost_usd: "1" },
      { day: "2026-11-20", key: "(others)", cost_usd: "9" },
      { day: "2026-11-22", key: "b", cost_usd: "2.5" },
      { day: "2026-11-22", key: "a", cost_usd: "0.5" },
    );
    expect(stack(answer)).toEqual({
      names: ["b", "a", "(others)"],
      rows: [
        { day: "2026-11-20", values: [null, 1, 9] },
        { day: "2026-11-21", values: [null, null, null] },
        { day: "2026-11-22", values: [2.5, 0.5, null] },
      ],
    });
  });

  test("has nothing where the price is unknown", () => {
    const { rows } = stack(spending({ day: "2026-11-20", key: "a", cost_usd: null }));
    expect(rows.map(({ values }) => values)).toEqual([[null], [null], [null]]);
  });
});

test("each of eight names has a colour of its own", () => {
  const colours = seriesOf(["a", "b", "c", "d", "e", "f", "g", "(others)"]).map(({ colour }) => colour);
  expect(new Set(colours).size).toBe(8);
});
