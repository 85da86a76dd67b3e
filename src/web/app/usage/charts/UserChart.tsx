import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { formatCost, shorten } from "../../format";
import { AXIS, CHART, FILL, GRID, TOOLTIP, VALUE_AXIS } from "./looks";
import { axisTo } from "./ticks";

const NAME_LENGTH = 16;

interface UserChartProps {
  rows: readonly { user: string; cost: number | null }[];
}

/** What each user's events cost, one bar a user. */
export function UserChart({ rows }: Readonly<UserChartProps>) {
  const highest = Math.max(...rows.map(({ cost }) => cost ?? 0));
  return (
    <ResponsiveContainer {...FILL}>
      <BarChart {...CHART} layout="vertical" data={[...rows]}>
        <CartesianGrid {...GRID} horizontal={false} />
        <XAxis {...AXIS} type="number" {...axisTo(highest, formatCost)} interval="preserveStartEnd" minTickGap={16} />
        <YAxis
          {...VALUE_AXIS}
          type="category"
          dataKey="user"
          interval={0}
          tickFormatter={(user: string) => shorten(user, NAME_LENGTH)}
        />
        <Tooltip {...TOOLTIP} formatter={(value) => formatCost(Number(value))} />
        <Bar dataKey="cost" name="Cost" fill="var(--series-1)" maxBarSize={28} isAnimationActive={false} />
      </BarChart>
    </ResponsiveContainer>
  );
}
