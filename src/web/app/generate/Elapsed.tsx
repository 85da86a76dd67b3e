import { useEffect, useState } from "react";
import { formatDuration } from "../format";

const TICK_MS = 250;

/** How long something takes so far; `since` is milliseconds since 1970. */
export function Elapsed({ since }: Readonly<{ since: number }>) {
  const [now, setNow] = useState(since);
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, TICK_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  // Nobody wants each tick read aloud.
  return <span aria-hidden="true">{formatElapsed(now - since)}</span>;
}

/** Writes whole seconds: it is told before it is over. */
function formatElapsed(ms: number): string {
  const seconds = Math.floor(Math.max(ms, 0) / 1000);
  return seconds < 60 ? `${String(seconds)} s` : formatDuration(seconds * 1000);
}
