import {
  CartesianGrid,
  DefaultZIndexes,
  ReferenceLine,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
  ZAxis,
} from "recharts";
import { formatCount, formatDuration } from "../../format";
import type { Point } from "../../service/usage";
import { AXIS, CHART, FILL, GRID, TOOLTIP, VALUE_AXIS } from "./looks";
import { axisTo } from "./ticks";

const LENGTH = "Prompt length";
const ABOVE_POINTS = DefaultZIndexes.scatter + 1;

interface PointChartProps {
  points: readonly Point[];
  /** Returns where the trend is at a prompt's length; null when there is no trend. */
  trend: ((length: number) => number) | null;
}

/** Prompt lengths against latencies, one point an event, with their trend. */
export function PointChart({ points, trend }: Readonly<PointChartProps>) {
  const lengths = points.map((point) => point.prompt_length);
  const ends = [Math.min(...lengths), Math.max(...lengths)] as const;
  return (
    <ResponsiveContainer {...FILL}>
      <ScatterChart {...CHART}>
        <CartesianGrid {...GRID} />
        <XAxis {...AXIS} type="number" dataKey="prompt_length" name={LENGTH} tickFormatter={formatCount} />
        <YAxis
          {...VALUE_AXIS}
          type="number"
          dataKey="processing_time_ms"
          name="Latency"
          {...axisTo(Math.max(...points.map((point) => point.processing_time_ms)), formatDuration)}
        />
        <ZAxis range={[24, 24]} />
        <Tooltip
          {...TOOLTIP}
          formatter={(value, name) =>
            name === LENGTH ? `${formatCount(Number(value))} characters` : formatDuration(Number(value))
          }
        />
        <Scatter
          data={[...points]}
          fill="var(--series-1)"
          fillOpacity={0.35}
          stroke="var(--series-1)"
          isAnimationActive={false}
        />
        {trend !== null && (
          <ReferenceLine
            segment={[
              { x: ends[0], y: trend(ends[0]) },
              { x: ends[1], y: trend(ends[1]) },
            ]}
            stroke="var(--series-2)"
            strokeWidth={2.5}
            ifOverflow="hidden"
            zIndex={ABOVE_POINTS}
          />
        )}
      </ScatterChart>
    </ResponsiveContainer>
  );
}
