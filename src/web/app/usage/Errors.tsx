import { formatCount } from "../format";
import type { Activity } from "../service/usage";
import { ActivityPanel } from "./ActivityPanel";
import { formatShare, many } from "./figures";
import type { ActivityQuery } from "./Summary";

/** How much failed each day. */
export function Errors({ activity }: Readonly<{ activity: ActivityQuery }>) {
  return (
    <ActivityPanel
      title="Errors"
      activity={activity}
      kind="bars"
      drawn={{ "Error rate": rateOf }}
      format={formatShare}
      columns={[
        { label: "Events", of: (row) => formatCount(row.events) },
        { label: "Errors", of: (row) => formatCount(row.errors) },
        { label: "Cancelled", of: (row) => formatCount(row.cancelled) },
        { label: "Error rate", of: (row) => formatShare(rateOf(row)) },
      ]}
      about={(total) =>
        `In all, ${many(total.errors, "error")} in ${many(total.events, "event")} (${formatShare(rateOf(total))}), and ${formatCount(total.cancelled)} cancelled.`
      }
    />
  );
}

function rateOf({ errors, events }: Activity): number {
  return errors / events;
}
