/** Ticks: round numbers from 0 to above a chart's highest value. */

const MOST = 5;
const ROUND = [1, 2, 2.5, 5, 10];

/** Returns the ticks of an axis; of 0 to 1 when there is nothing above 0. */
export function ticksTo(highest: number): number[] {
  const top = highest > 0 ? highest : 1;
  const power = 10 ** Math.floor(Math.log10(top / MOST));
  const step = power * (ROUND.find((each) => each * power >= top / MOST) ?? 10);
  // No 0.30000000000000004.
  return Array.from({ length: Math.ceil(top / step) + 1 }, (_, number) => Number((number * step).toPrecision(12)));
}

/** Returns an axis with these ticks; 0 of anything is 0. */
export function axisTo(highest: number, format: (value: number) => string) {
  const ticks = ticksTo(highest);
  return {
    ticks,
    domain: [0, ticks.at(-1) ?? 1],
    tickFormatter: (value: number) => (value === 0 ? "0" : format(value)),
  };
}
