import { useId, useState } from "react";
import { formatCost } from "../format";
import { useApi } from "../service/ApiContext";
import { useSession } from "../service/SessionContext";
import type { Answer, Spent, SpentByUser } from "../service/usage";
import { Chart } from "./Chart";
import { addDays, formatRange, isDay, today } from "./days";
import { many, SPENT_HEAD, spentCells } from "./figures";
import { UserChart } from "./lazyCharts";
import { Numbers } from "./Numbers";
import { Panel } from "./Panel";
import { numberOrNull } from "./series";
import { useAnswer } from "./useAnswer";
import { Waiting } from "./Waiting";

const TITLE = "Highest-cost users";

/** The users that incurred the highest cost on a day. */
export function TopUsers() {
  const id = useId();
  const { time_zone } = useSession();
  const [day, setDay] = useState(() => addDays(today(time_zone), -1));
  return (
    <Panel title={TITLE}>
      <div className="field day">
        <label htmlFor={id}>Day</label>
        <input
          id={id}
          type="date"
          value={day}
          onChange={(event) => {
            setDay(event.target.value);
          }}
        />
      </div>
      {isDay(day) ? <OfDay on={day} zone={time_zone} /> : <p className="problem">Choose a day.</p>}
    </Panel>
  );
}

function OfDay(day: Readonly<{ on: string; zone: string }>) {
  const users = useAnswer("topUsers", useApi().usage.topUsers, day);
  return (
    <Waiting query={users}>
      {({ told, csv }) =>
        told.rows.length === 0 ? (
          <p className="empty">No events {formatRange(told)}.</p>
        ) : (
          <>
            <Ranking answer={told} />
            <Numbers
              title={TITLE}
              csv={csv}
              head={["User", ...SPENT_HEAD]}
              rows={told.rows.map((row) => [row.user, ...spentCells(row)])}
            />
          </>
        )
      }
    </Waiting>
  );
}

function Ranking({ answer }: Readonly<{ answer: Answer<SpentByUser, Spent> }>) {
  const { rows, total } = answer;
  const cost = numberOrNull(total.cost_usd);
  const unknown = total.unknown_price > 0 && ` ${many(total.unknown_price, "event")} without a known price.`;
  return (
    <>
      {cost !== null && (
        <Chart label={`The users with the highest cost ${formatRange(answer)}: ${rows[0]?.user ?? ""} has the highest.`}>
          <UserChart rows={rows.map(({ user, cost_usd }) => ({ user, cost: numberOrNull(cost_usd) }))} />
        </Chart>
      )}
      <p className="aside">
        All users {formatRange(answer)}: {formatCost(cost)}, {many(total.events, "event")}.{unknown}
      </p>
    </>
  );
}
