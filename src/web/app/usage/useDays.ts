import { useSearchParams } from "wouter";
import { useSession } from "../service/SessionContext";
import { addDays, RANGE_DAYS, today, type Days } from "./days";

/** The days that are looked at: they stand in the page's address, so that they can be shared and gone back to. */
export function useDays(): [Days, (days: Days) => void] {
  const { time_zone } = useSession();
  const [parameters, setParameters] = useSearchParams();
  const until = parameters.get("until") ?? today(time_zone);
  const since = parameters.get("since") ?? firstBefore(until);
  function change(days: Days) {
    setParameters({ ...days }, { replace: true });
  }
  return [{ since, until }, change];
}

function firstBefore(until: string): string {
  return Number.isNaN(Date.parse(until)) ? until : addDays(until, 1 - RANGE_DAYS);
}
