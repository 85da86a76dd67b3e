import { useId, useState } from "react";
import { formatCount } from "../format";
import { useApi } from "../service/ApiContext";
import type { Answer, Correlation, CorrelationByModel, Point, Range } from "../service/usage";
import { Chart } from "./Chart";
import { formatRange } from "./days";
import { formatMs, formatRough } from "./figures";
import { PointChart } from "./lazyCharts";
import { Numbers } from "./Numbers";
import { Panel } from "./Panel";
import { isAwaited, useAnswer } from "./useAnswer";
import { Waiting } from "./Waiting";

const TITLE = "Prompt length and latency";
const NONE = "none";

interface PromptLatencyProps {
  range: Range;
  /** Whether what stands above it was answered: that is to be seen first. */
  isDue: boolean;
}

/** Whether long prompts take longer. */
export function PromptLatency({ range, isDue }: Readonly<PromptLatencyProps>) {
  const { usage } = useApi();
  const latency = useAnswer("latency", usage.latency, range, isDue);
  const points = useAnswer("points", usage.points, range, isDue);
  return (
    <Panel title={TITLE} isBusy={isAwaited(latency) || isAwaited(points)}>
      <Waiting query={latency}>
        {({ told, csv }) => (
          <>
            <Waiting query={points}>
              {({ told: drawn, csv: drawnCsv }) => <Model answer={told} points={drawn.rows} csv={drawnCsv} />}
            </Waiting>
            {told.rows.length > 0 && (
              <Numbers
                title={TITLE}
                which=", by model"
                csv={csv}
                head={["Model", "n", "r", "95 % interval", "Slope (ms)", "Intercept (ms)", "p50 (ms)", "p95 (ms)"]}
                rows={told.rows.map((row) => [
                  row.model,
                  formatCount(row.n),
                  row.r?.toFixed(2) ?? NONE,
                  intervalOf(row) ?? NONE,
                  row.slope_ms === null ? NONE : formatRough(row.slope_ms),
                  formatMs(row.intercept_ms),
                  formatMs(row.p50_ms),
                  formatMs(row.p95_ms),
                ])}
              />
            )}
          </>
        )}
      </Waiting>
    </Panel>
  );
}

interface ModelProps {
  answer: Answer<CorrelationByModel, Correlation>;
  points: readonly Point[];
  csv: string;
}

function Model({ answer, points, csv }: Readonly<ModelProps>) {
  const id = useId();
  const [chosen, setChosen] = useState<string | null>(null);
  // The first one has the most events.
  const row = answer.rows.find(({ model }) => model === chosen) ?? answer.rows[0];
  if (row === undefined) return <p className="empty">No event worked {formatRange(answer)}.</p>;
  const drawn = points.filter(({ model }) => model === row.model);
  return (
    <>
      {answer.rows.length > 1 && (
        <div className="field">
          <label htmlFor={id}>Model</label>
          <select
            id={id}
            value={row.model}
            onChange={(event) => {
              setChosen(event.target.value);
            }}
          >
            {answer.rows.map(({ model }) => (
              <option key={model}>{model}</option>
            ))}
          </select>
        </div>
      )}
      {drawn.length > 0 && (
        <Chart label={`Latency of ${row.model} against the prompt's length in characters, ${formatRange(answer)}.`}>
          <PointChart points={drawn} trend={trendOf(row)} />
        </Chart>
      )}
      <p>{inWords(row)}</p>
      <p className="aside">
        Across: the prompt's length in characters; up: the latency. {formatCount(drawn.length)} of{" "}
        {formatCount(row.n)} events that worked are drawn.
      </p>
      <Numbers
        title={TITLE}
        which=", events"
        csv={csv}
        head={["Event", "Prompt length", "Latency (ms)"]}
        rows={drawn.map((point, number) => [
          formatCount(number + 1),
          formatCount(point.prompt_length),
          formatMs(point.processing_time_ms),
        ])}
      />
    </>
  );
}

function trendOf({ slope_ms, intercept_ms }: Correlation): ((length: number) => number) | null {
  return slope_ms === null || intercept_ms === null ? null : (length) => intercept_ms + slope_ms * length;
}

function inWords(row: CorrelationByModel): string {
  const interval = intervalOf(row);
  if (row.r === null || interval === null) {
    return `No correlation for ${row.model}: ${row.note ?? "it is not known why"}.`;
  }
  const correlation = `r = ${row.r.toFixed(2)} (95 % interval ${interval}), n = ${formatCount(row.n)}.`;
  if (row.slope_ms === null || row.intercept_ms === null) return correlation;
  const trend = `Trend: ${formatRough(row.intercept_ms)} ms and ${formatRough(row.slope_ms)} ms for each character.`;
  return `${correlation} ${trend}`;
}

function intervalOf({ r_low, r_high }: Correlation): string | null {
  return r_low === null || r_high === null ? null : `${r_low.toFixed(2)} to ${r_high.toFixed(2)}`;
}
