import type { ReactNode } from "react";
import type { Activity, ActivityByDay, Answer } from "../service/usage";
import { Chart } from "./Chart";
import { formatDay, formatRange } from "./days";
import { DayChart } from "./lazyCharts";
import { Legend } from "./Legend";
import { Numbers } from "./Numbers";
import { Panel } from "./Panel";
import { rowsByDay, seriesOf } from "./series";
import type { ActivityQuery } from "./Summary";
import { Skeleton } from "./Skeleton";
import { isAwaited } from "./useAnswer";

interface Column {
  label: string;
  of: (row: ActivityByDay) => string;
}

interface ActivityPanelProps {
  title: string;
  activity: ActivityQuery;
  kind: "bars" | "lines";
  isWide?: boolean;
  /** What is drawn of each day, by its name. */
  drawn: Readonly<Record<string, (row: ActivityByDay) => number | null>>;
  format: (value: number) => string;
  columns: readonly Column[];
  /** What there is to say about the whole range; null when there is nothing to draw. */
  about: (total: Activity) => string | null;
}

/** A part of what was done each day: its chart, its table and its file. */
export function ActivityPanel({ title, activity, isWide = false, ...shown }: Readonly<ActivityPanelProps>) {
  return (
    <Panel title={title} isWide={isWide} isBusy={isAwaited(activity)}>
      {activity.data === undefined ? (
        <Skeleton />
      ) : (
        <OfDays title={title} answer={activity.data.told} csv={activity.data.csv} {...shown} />
      )}
    </Panel>
  );
}

interface OfDaysProps extends Omit<ActivityPanelProps, "activity" | "isWide"> {
  answer: Answer<ActivityByDay, Activity>;
  csv: string;
}

function OfDays({ title, answer, csv, kind, drawn, format, columns, about }: Readonly<OfDaysProps>) {
  const series = seriesOf(Object.keys(drawn));
  const values = Object.values(drawn);
  const rows = rowsByDay(answer, ([row]) => values.map((of) => (row === undefined ? null : of(row))));
  const words = about(answer.total);
  let chart: ReactNode = <p className="empty">Nothing is known of it {formatRange(answer)}.</p>;
  if (words !== null) {
    chart = (
      <>
        <Chart label={`${title} each day ${formatRange(answer)}. ${words}`}>
          <DayChart kind={kind} series={series} rows={rows} format={format} />
        </Chart>
        {series.length > 1 && <Legend series={series} />}
        <p className="aside">{words}</p>
      </>
    );
  }
  return (
    <>
      {chart}
      <Numbers
        title={title}
        csv={csv}
        head={["Day", ...columns.map(({ label }) => label)]}
        rows={answer.rows.map((row) => [formatDay(row.day), ...columns.map(({ of }) => of(row))])}
      />
    </>
  );
}
