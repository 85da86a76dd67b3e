import type { TooltipContentProps } from "recharts";
import { formatDay } from "../days";
import { Legend } from "../Legend";
import type { DayRow, Series } from "../series";

interface TipProps extends Partial<Pick<TooltipContentProps, "payload">> {
  series: readonly Series[];
  format: (value: number) => string;
}

/** A day's values, in the legend's order and with its colours. */
export function Tip({ series, format, payload }: Readonly<TipProps>) {
  const row = payload?.[0]?.payload as DayRow | undefined;
  if (row === undefined) return null;
  const told = series.flatMap(({ name, colour }, number) => {
    const value = row.values[number];
    return value === null || value === undefined ? [] : [{ name, colour, value: format(value) }];
  });
  return (
    <div className="tip">
      <p>{formatDay(row.day)}</p>
      <Legend series={told} />
    </div>
  );
}
