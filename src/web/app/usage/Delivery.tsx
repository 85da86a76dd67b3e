import { formatCount, formatMoment } from "../format";
import type { EventCounts, Health } from "../service/health";
import { useLive } from "../service/LiveContext";
import { useSession } from "../service/SessionContext";
import { asSentence } from "./figures";
import { Panel } from "./Panel";

/** Where the events are on their way to MLflow. */
export function Delivery() {
  const { health } = useLive();
  return (
    <Panel title="Delivery" isWide>
      {health?.events ? <Counts counts={health.events} /> : <p>{absenceOf(health)}</p>}
      <Warnings />
    </Panel>
  );
}

function absenceOf(health: Health | null): string {
  return health?.tracking === "off" ? "Tracking is off: no events are kept or delivered." : "Not known yet.";
}

function Warnings() {
  const { health, backlog } = useLive();
  const { time_zone } = useSession();
  const since = health?.trouble && formatMoment(new Date(health.trouble.since_ms).toISOString(), time_zone);
  return (
    <div role="alert">
      {/* Without a number, which would be read aloud each time that it changes. */}
      {backlog.isGrowing && <p className="warning">More and more events wait to be delivered.</p>}
      {backlog.isStuck && !health?.trouble && (
        <p className="warning">
          Events wait, and for minutes none was delivered. See that a delivery runs: <code>tracking deliver</code>.
        </p>
      )}
      {health?.trouble && (
        <p className="warning">
          Nothing is delivered since {since}: {asSentence(health.trouble.reason)}
        </p>
      )}
    </div>
  );
}

function Counts({ counts }: Readonly<{ counts: EventCounts }>) {
  const figures = [
    ["Accepted", counts.accepted],
    ["Delivered", counts.delivered],
    ["Pending", counts.pending],
    ["Dead-lettered", counts.dead_lettered],
    // These should never be, and are shown when they are.
    ...([
      ["Forgotten", counts.forgotten],
      ["Lost", counts.lost],
    ] as const).filter(([, count]) => count > 0),
  ] as const;
  return (
    <dl className="key-figures counts">
      {figures.map(([label, count]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{formatCount(count)}</dd>
        </div>
      ))}
    </dl>
  );
}
