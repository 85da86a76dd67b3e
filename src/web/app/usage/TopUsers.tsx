import { useId, useState } from "react";
import { formatCost } from "../format";
import { useApi } from "../service/ApiContext";
import { useSession } from "../service/SessionContext";
import type { Answer, Spent, SpentByUser } from "../service/usage";
import type { Day } from "../service/usageApi";
import { Chart } from "./Chart";
import { addDays, formatRange, isDay } from "./days";
import { many, SPENT_HEAD, spentCells } from "./figures";
import { UserChart } from "./lazyCharts";
import { Numbers } from "./Numbers";
import { Panel } from "./Panel";
import { numberOrNull } from "./series";
import { useAnswer } from "./useAnswer";
import { useToday } from "./useToday";
import { Waiting } from "./Waiting";

interface TopUsersProps {
  /** Whether what stands above it was answered: that is to be seen first. */
  isDue: boolean;
}

/** The users that incurred the highest cost on a day; without the rights to see others, one sees oneself. */
export function TopUsers({ isDue }: Readonly<TopUsersProps>) {
  const id = useId();
  const { is_admin, time_zone } = useSession();
  const yesterday = addDays(useToday(time_zone), -1);
  const [chosen, setChosen] = useState<string | null>(null);
  const day = chosen ?? yesterday;
  const title = is_admin ? "Highest-cost users" : "Your cost of a day";
  return (
    <Panel title={title}>
      <div className="field day">
        <label htmlFor={id}>Day</label>
        <input
          id={id}
          type="date"
          value={day}
          onChange={(event) => {
            setChosen(event.target.value);
          }}
        />
      </div>
      {isDay(day) ? <OfDay title={title} day={{ on: day, zone: time_zone }} isDue={isDue} /> : <p className="problem">Choose a day.</p>}
    </Panel>
  );
}

function OfDay({ title, day, isDue }: Readonly<TopUsersProps & { title: string; day: Day }>) {
  const users = useAnswer("topUsers", useApi().usage.topUsers, day, isDue);
  return (
    <Waiting query={users}>
      {({ told, csv }) =>
        told.rows.length === 0 ? (
          <p className="empty">No events {formatRange(told)}.</p>
        ) : (
          <>
            <Ranking answer={told} />
            <Numbers
              title={title}
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
  const { is_admin } = useSession();
  const { rows, total } = answer;
  const cost = numberOrNull(total.cost_usd);
  const unknown = total.unknown_price > 0 && ` ${many(total.unknown_price, "event")} without a known price.`;
  return (
    <>
      {cost !== null && (
        <Chart
          label={
            is_admin
              ? `The users with the highest cost ${formatRange(answer)}: ${rows[0]?.user ?? ""} has the highest.`
              : `Your cost ${formatRange(answer)}: ${formatCost(cost)}.`
          }
        >
          <UserChart rows={rows.map(({ user, cost_usd }) => ({ user, cost: numberOrNull(cost_usd) }))} />
        </Chart>
      )}
      <p className="aside">
        {is_admin ? "All users" : "You"} {formatRange(answer)}: {formatCost(cost)}, {many(total.events, "event")}.{unknown}
      </p>
    </>
  );
}
