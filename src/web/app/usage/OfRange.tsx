import type { ReactNode } from "react";
import { useApi } from "../service/ApiContext";
import type { Range } from "../service/usage";
import { CostOverTime } from "./CostOverTime";
import { Errors } from "./Errors";
import { Latency } from "./Latency";
import { PromptLatency } from "./PromptLatency";
import { Summary } from "./Summary";
import { Tokens } from "./Tokens";
import { useAnswer } from "./useAnswer";

interface OfRangeProps {
  range: Range;
  /** What stands among it, and is not of the range; it is told whether the summary was answered. */
  children: (isDue: boolean) => ReactNode;
}

/** All that is of the range; where it has no events, or the service does not answer, the summary alone says so. */
export function OfRange({ range, children }: Readonly<OfRangeProps>) {
  const activity = useAnswer("activity", useApi().usage.activity, range);
  const isShown = activity.isPending || (activity.data?.told.total.events ?? 0) > 0;
  // The summary is what one came for: the other questions would take the processor from it.
  const isDue = activity.isFetched;
  return (
    <>
      <Summary activity={activity} />
      {isShown && <CostOverTime range={range} isDue={isDue} />}
      {children(isDue)}
      {isShown && (
        <>
          <PromptLatency range={range} isDue={isDue} />
          <Latency activity={activity} />
          <Errors activity={activity} />
          <Tokens activity={activity} />
        </>
      )}
    </>
  );
}
