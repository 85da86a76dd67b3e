import { Bar, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { formatShortDay } from "../days";
import type { DayRow, Series } from "../series";
import { AXIS, CHART, FILL, GRID, TOOLTIP, VALUE_AXIS } from "./looks";
import { axisTo } from "./ticks";
import { Tip } from "./Tip";

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
        <YAxis {...VALUE_AXIS} {...axisTo(highestOf(rows, kind), format)} />
        <Tooltip {...TOOLTIP} filterNull={false} content={<Tip series={series} format={format} />} />
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

function highestOf(rows: readonly DayRow[], kind: DayChartProps["kind"]): number {
  const days = rows.map(({ values }) => values.map((value) => value ?? 0));
  return Math.max(
    ...days.map((values) => (kind === "bars" ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values))),
  );
}
