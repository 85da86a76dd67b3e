import { useSession } from "../service/SessionContext";
import { useTitle } from "../useTitle";
import { problemOf } from "./days";
import { Delivery } from "./Delivery";
import { OfRange } from "./OfRange";
import { RangePicker } from "./RangePicker";
import { TopUsers } from "./TopUsers";
import { useDays } from "./useDays";
import { useToday } from "./useToday";
import "./usage.css";

/** What is used, what it costs, how fast it is and how well it works. */
export default function UsagePage() {
  const { is_admin, user, time_zone } = useSession();
  const [{ days, preset }, setRange] = useDays(useToday(time_zone));
  useTitle("Usage");
  return (
    <>
      <div className="heading">
        <h1>Usage</h1>
        <p>
          {is_admin ? "Everybody's usage" : `Your usage, as ${user}`}. Days begin at midnight in {time_zone}.
        </p>
      </div>
      <RangePicker days={days} preset={preset} onChange={setRange} />
      <div className="panels">
        {problemOf(days) === null ? (
          <OfRange range={{ ...days, zone: time_zone }}>
            {(isDue) => <TopUsers isDue={isDue} />}
          </OfRange>
        ) : (
          <TopUsers isDue />
        )}
        <Delivery />
      </div>
    </>
  );
}
