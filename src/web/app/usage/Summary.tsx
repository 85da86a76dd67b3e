import type { UseQueryResult } from "@tanstack/react-query";
import { formatCost, formatCount, formatMoment } from "../format";
import type { Activity, ActivityByDay, Answer, Range } from "../service/usage";
import { formatRange } from "./days";
import { asSentence, formatLatency, formatShare, many } from "./figures";
import { Panel } from "./Panel";
import { numberOrNull } from "./series";
import { isAwaited, type Answered } from "./useAnswer";
import { Waiting } from "./Waiting";

/** The question that several parts of the page show. */
export type ActivityQuery = UseQueryResult<Answered<Range, Answer<ActivityByDay, Activity>>>;

/** The range's key figures. */
export function Summary({ activity }: Readonly<{ activity: ActivityQuery }>) {
  return (
    <Panel title="Summary" isWide isBusy={isAwaited(activity)}>
      <Waiting query={activity}>
        {({ told }) => (
          <>
            <AsOf answer={told} />
            {told.total.events === 0 ? (
              <p className="empty">No events {formatRange(told)}.</p>
            ) : (
              <Figures activity={told.total} />
            )}
          </>
        )}
      </Waiting>
    </Panel>
  );
}

function AsOf({ answer }: Readonly<{ answer: Answer<unknown, unknown> }>) {
  const moment = formatMoment(answer.as_of, answer.time_zone);
  if (answer.current) return <p className="aside">As of {moment}.</p>;
  return (
    <output className="notice">
      MLflow could not be asked, so these numbers are as of {moment}. {asSentence(answer.trouble ?? "It is not known why")}
    </output>
  );
}

function Figures({ activity }: Readonly<{ activity: Activity }>) {
  const { events, errors, cancelled, unknown_price, unknown_tokens } = activity;
  const tokensNote = unknown_tokens > 0 && `${many(unknown_tokens, "event")} with an unknown count`;
  const figures = [
    {
      label: "Total cost",
      value: formatCost(numberOrNull(activity.cost_usd)),
      note: unknown_price > 0 && `${many(unknown_price, "event")} without a known price`,
    },
    { label: "Events", value: formatCount(events), note: cancelled > 0 && `${formatCount(cancelled)} cancelled` },
    { label: "Error rate", value: formatShare(errors / events), note: many(errors, "error") },
    { label: "Latency, p50", value: formatLatency(activity.p50_ms) },
    { label: "Latency, p95", value: formatLatency(activity.p95_ms) },
    { label: "Input tokens", value: formatCount(activity.input_tokens), note: tokensNote },
    { label: "Output tokens", value: formatCount(activity.output_tokens), note: tokensNote },
  ];
  return (
    <dl className="key-figures">
      {figures.map(({ label, value, note }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
          {Boolean(note) && <dd className="aside">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
