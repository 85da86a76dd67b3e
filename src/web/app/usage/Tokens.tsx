import { formatCount } from "../format";
import type { Activity } from "../service/usage";
import { ActivityPanel } from "./ActivityPanel";
import { many } from "./figures";
import type { ActivityQuery } from "./Summary";

/** How many tokens went in and came out each day. */
export function Tokens({ activity }: Readonly<{ activity: ActivityQuery }>) {
  return (
    <ActivityPanel
      title="Tokens"
      activity={activity}
      kind="bars"
      isWide
      drawn={{ Input: (row) => row.input_tokens, Output: (row) => row.output_tokens }}
      format={formatCount}
      columns={[
        { label: "Input", of: (row) => formatCount(row.input_tokens) },
        { label: "Output", of: (row) => formatCount(row.output_tokens) },
        { label: "Unknown count", of: (row) => formatCount(row.unknown_tokens) },
      ]}
      about={inWords}
    />
  );
}

function inWords({ input_tokens, output_tokens, unknown_tokens }: Activity): string | null {
  if (input_tokens === null && output_tokens === null) return null;
  const known = `In all, ${formatCount(input_tokens)} in and ${formatCount(output_tokens)} out.`;
  return unknown_tokens === 0 ? known : `${known} ${many(unknown_tokens, "event")} with an unknown count.`;
}
