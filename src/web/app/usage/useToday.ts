import { useEffect, useState } from "react";
import { today } from "./days";

const LOOK_MS = 30_000;

/** Tells which day it is where the zone is, also after midnight. */
export function useToday(zone: string): string {
  const [day, setDay] = useState(() => today(zone));

  useEffect(() => {
    const timer = setInterval(() => {
      setDay(today(zone));
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
    };
  }, [zone]);

  return day;
}
