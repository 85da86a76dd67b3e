import { formatDuration } from "../format";
import { ActivityPanel } from "./ActivityPanel";
import { formatMs } from "./figures";
import type { ActivityQuery } from "./Summary";

/** How long it took each day. */
export function Latency({ activity }: Readonly<{ activity: ActivityQuery }>) {
  return (
    <ActivityPanel
      title="Latency"
      activity={activity}
      kind="lines"
      drawn={{ p50: (row) => row.p50_ms, p95: (row) => row.p95_ms }}
      format={formatDuration}
      columns={[
        { label: "p50 (ms)", of: (row) => formatMs(row.p50_ms) },
        { label: "p95 (ms)", of: (row) => formatMs(row.p95_ms) },
      ]}
      about={({ p50_ms, p95_ms }) =>
        p50_ms === null || p95_ms === null
          ? null
          : `In all, half of what worked took at most ${formatDuration(p50_ms)}, and 95 % at most ${formatDuration(p95_ms)}.`
      }
    />
  );
}
