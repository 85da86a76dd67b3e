import { Bar, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { formatDay, formatShortDay } from "../days";
import type { DayRow, Series } from "../series";
import { AXIS, CHART, FILL, GRID, TOOLTIP, VALUE_AXIS } from "./looks";

const TICKS = 8;
// Above so many days there is no room around a bar or a dot.
const APART = 62;

interface DayChartProps {
  kind: "bars" | "lines";
  series: readonly Series[];
  rows: readonly DayRow[];
  format: (value: number) => string;
}

/** Values over days: as stacked bars, or as lines. */
export function DayChart({ kind, series, rows, format }: Readonly<DayChartProps>) {
  const every = Math.ceil(rows.length / TICKS);
  const ticks = rows.filter((_, number) => number % every === 0).map(({ day }) => day);
  return (
    <ResponsiveContainer {...FILL}>
      <ComposedChart {...CHART} data={[...rows]}>
        <CartesianGrid {...GRID} vertical={false} />
        <XAxis
          {...AXIS}
          dataKey="day"
          scale="band"
          ticks={ticks}
          interval="equidistantPreserveStart"
          minTickGap={12}
          tickFormatter={formatShortDay}
        />
        <YAxis {...VALUE_AXIS} tickFormatter={format} />
        <Tooltip
          {...TOOLTIP}
          labelFormatter={(day) => (typeof day === "string" ? formatDay(day) : day)}
          formatter={(value) => format(Number(value))}
        />
        {series.map(({ name, colour }, number) => {
          // A function: a name with a dot in it would be taken for a path.
          const valueOf = (row: DayRow) => row.values[number];
          const same = { name, dataKey: valueOf, isAnimationActive: false };
          return kind === "bars" ? (
            <Bar
              key={name}
              {...same}
              stackId="all"
              fill={colour}
              stroke="var(--surface)"
              strokeWidth={rows.length > APART ? 0 : 1}
              maxBarSize={44}
            />
          ) : (
            <Line
              key={name}
              {...same}
              stroke={colour}
              strokeWidth={2}
              // So that it is not the colour alone that tells them apart
              strokeDasharray={number === 0 ? "" : "6 4"}
              dot={{ r: rows.length > APART ? 1 : 2.5, fill: colour, strokeDasharray: "" }}
            />
          );
        })}
      </ComposedChart>
    </ResponsiveContainer>
  );
}
