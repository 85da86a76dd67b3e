/** What the charts draw. */

import type { Answer, Spent, SpentByDay } from "../service/usage";
import { daysOf } from "./days";

const OTHERS = "(others)";
// As many as there are in usage.css: seven that have a name, and the others.
const COLOURS = 8;

export interface Series {
  name: string;
  colour: string;
}

export interface DayRow {
  day: string;
  /** One for each series; null where there is none. */
  values: (number | null)[];
}

/** Gives each name its colour. */
export function seriesOf(names: readonly string[]): Series[] {
  return names.map((name, number) => ({ name, colour: `var(--series-${String((number % COLOURS) + 1)})` }));
}

/** Returns a row for each day of the answer's range, also for those on which nothing happened. */
export function rowsByDay<Row extends { day: string }>(
  answer: Answer<Row, unknown>,
  valuesOf: (rows: readonly Row[]) => (number | null)[],
): DayRow[] {
  const found = new Map<string, Row[]>();
  for (const row of answer.rows) found.set(row.day, [...(found.get(row.day) ?? []), row]);
  return daysOf(answer).map((day) => ({ day, values: valuesOf(found.get(day) ?? []) }));
}

/** Returns what each was spent on, the highest cost first and the others last, and what was spent on each day. */
export function stack(answer: Answer<SpentByDay, Spent>): { names: string[]; rows: DayRow[] } {
  const totals = new Map<string, number>();
  for (const { key, cost_usd } of answer.rows) totals.set(key, (totals.get(key) ?? 0) + Number(cost_usd));
  const rank = ([key, total]: [string, number]) => (key === OTHERS ? -1 : total);
  const names = [...totals].sort((one, other) => rank(other) - rank(one)).map(([key]) => key);
  const rows = rowsByDay(answer, (ofDay) => {
    const costs = new Map(ofDay.map(({ key, cost_usd }) => [key, cost_usd]));
    return names.map((name) => numberOrNull(costs.get(name)));
  });
  return { names, rows };
}

/** Returns a cost as a number to draw; null where none is known. */
export function numberOrNull(cost: string | null | undefined): number | null {
  return cost === null || cost === undefined ? null : Number(cost);
}
