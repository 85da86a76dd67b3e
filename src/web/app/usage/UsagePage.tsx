import { useSession } from "../service/SessionContext";
import { useTitle } from "../useTitle";
import { problemOf, today } from "./days";
import { Delivery } from "./Delivery";
import { OfRange } from "./OfRange";
import { RangePicker } from "./RangePicker";
import { TopUsers } from "./TopUsers";
import { useDays } from "./useDays";
import "./usage.css";

/** What is used, what it costs, how fast it is and how well it works. */
export default function UsagePage() {
  const { is_admin, user, time_zone } = useSession();
  const [days, setDays] = useDays();
  useTitle("Usage");
  return (
    <>
      <div className="heading">
        <h1>Usage</h1>
        <p>
          {is_admin ? "Everybody's usage" : `Your usage, as ${user}`}. Days begin at midnight in {time_zone}.
        </p>
      </div>
      <RangePicker days={days} today={today(time_zone)} onChange={setDays} />
      <div className="panels">
        {problemOf(days) === null ? (
          <OfRange range={{ ...days, zone: time_zone }}>
            <TopUsers />
          </OfRange>
        ) : (
          <TopUsers />
        )}
        <Delivery />
      </div>
    </>
  );
}
