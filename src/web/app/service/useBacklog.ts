import { useEffect, useRef, useState } from "react";
import { NO_BACKLOG, SAMPLE_MS, watched, type Backlog } from "./backlog";
import type { EventCounts } from "./health";

/** Watches how many events wait; null while that is not known. */
export function useBacklog(events: EventCounts | null): Backlog {
  const [backlog, setBacklog] = useState(NO_BACKLOG);
  const latest = useRef(events);
  useEffect(() => {
    latest.current = events;
  }, [events]);
  useEffect(() => {
    const timer = setInterval(() => {
      const now = latest.current;
      // Nothing is told to a page that nobody looks at.
      if (now !== null && !document.hidden) setBacklog((before) => watched(before, now));
    }, SAMPLE_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return backlog;
}
