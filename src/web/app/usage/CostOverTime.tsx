import { useId, useState } from "react";
import { formatCost } from "../format";
import { useApi } from "../service/ApiContext";
import { PARTS, type Answer, type Part, type Range, type Spent, type SpentByDay } from "../service/usage";
import { Chart } from "./Chart";
import { formatDay, formatRange } from "./days";
import { many, SPENT_HEAD, spentCells } from "./figures";
import { DayChart } from "./lazyCharts";
import { Legend } from "./Legend";
import { Numbers } from "./Numbers";
import { Panel } from "./Panel";
import { numberOrNull, seriesOf, stack } from "./series";
import { isAwaited, useAnswer } from "./useAnswer";
import { Waiting } from "./Waiting";

const NAMES: Readonly<Record<Part, string>> = { user: "User", model: "Model", kind: "Kind" };
const TITLE = "Cost over time";

interface CostOverTimeProps {
  range: Range;
  /** Whether what stands above it was answered: that is to be seen first. */
  isDue: boolean;
}

/** What each day cost, by user, model or kind. */
export function CostOverTime({ range, isDue }: Readonly<CostOverTimeProps>) {
  const [of, setOf] = useState<Part>("user");
  const spending = useAnswer("spending", useApi().usage.spending, { ...range, of }, isDue);
  return (
    <Panel title={TITLE} isWide isBusy={isAwaited(spending)}>
      <PartField value={of} onChange={setOf} />
      <Waiting query={spending}>
        {({ asked, told, csv }) => (
          <>
            <Stack answer={told} of={asked.of} />
            <Numbers
              title={TITLE}
              csv={csv}
              head={["Day", NAMES[asked.of], ...SPENT_HEAD]}
              names={2}
              rows={told.rows.map((row) => [formatDay(row.day), row.key, ...spentCells(row)])}
            />
          </>
        )}
      </Waiting>
    </Panel>
  );
}

function Stack({ answer, of }: Readonly<{ answer: Answer<SpentByDay, Spent>; of: Part }>) {
  const { names, rows } = stack(answer);
  const series = seriesOf(names);
  const cost = numberOrNull(answer.total.cost_usd);
  return (
    <>
      {cost !== null && (
        <>
          <Chart label={`Cost each day ${formatRange(answer)}, by ${of}: ${formatCost(cost)} in all.`}>
            <DayChart kind="bars" series={series} rows={rows} format={formatCost} />
          </Chart>
          <Legend series={series} />
        </>
      )}
      <Unknown answer={answer} />
    </>
  );
}

function Unknown({ answer }: Readonly<{ answer: Answer<SpentByDay, Spent> }>) {
  const count = answer.total.unknown_price;
  if (count === 0) return null;
  const days = new Set(answer.rows.filter((row) => row.unknown_price > 0).map((row) => row.day)).size;
  const [have, are] = count === 1 ? ["has", "is"] : ["have", "are"];
  return (
    <p className="aside">
      {many(count, "event")} on {many(days, "day")} {have} no known price and {are} in no bar.
    </p>
  );
}

function PartField({ value, onChange }: Readonly<{ value: Part; onChange: (part: Part) => void }>) {
  const name = useId();
  return (
    <fieldset className="field parts">
      <legend>By</legend>
      {PARTS.map((part) => (
        <label key={part}>
          <input
            type="radio"
            name={name}
            checked={part === value}
            onChange={() => {
              onChange(part);
            }}
          />
          {NAMES[part]}
        </label>
      ))}
    </fieldset>
  );
}
