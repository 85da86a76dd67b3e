import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { FILTERS_KEY, GENERATIONS_KEY } from "../queryClient";
import type { Health } from "./health";
import { Listener, type News } from "./live";
import type { Live } from "./LiveContext";
import { useBacklog } from "./useBacklog";

const REFRESH_MS = 300;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * Listens to what the service tells by itself for as long as the page is looked at, and connects again when that
 * breaks; generations that came meanwhile are asked for.
 *
 * @param isKnown - Whether the service knows who is asking; until then it tells nothing.
 */
export function useListener(origin: string, isKnown: boolean): Live {
  const queryClient = useQueryClient();
  const [health, setHealth] = useState<Health | null>(null);
  const [isLost, setIsLost] = useState(false);
  const backlog = useBacklog(isLost ? null : (health?.events ?? null));

  useEffect(() => {
    if (!isKnown) return undefined;
    const end = new AbortController();
    let refresh: ReturnType<typeof setTimeout> | undefined;

    function tell(news: News) {
      setIsLost(false);
      if (news.name === "health") setHealth(news.health);
      // A hundred that come at once are asked for once.
      else refresh ??= setTimeout(ask, REFRESH_MS);
    }

    function ask() {
      // To ask now would break off what is being asked: the next page that somebody waits for, perhaps.
      const isAsking = queryClient.isFetching({ queryKey: GENERATIONS_KEY }) > 0;
      refresh = isAsking ? setTimeout(ask, REFRESH_MS) : undefined;
      if (isAsking) return;
      void queryClient.invalidateQueries({ queryKey: GENERATIONS_KEY });
      void queryClient.invalidateQueries({ queryKey: FILTERS_KEY });
    }

    void keepListening(new Listener(origin), end.signal, tell, () => {
      setIsLost(true);
    });
    return () => {
      end.abort();
      clearTimeout(refresh);
    };
  }, [isKnown, origin, queryClient]);

  return { health, backlog, isLost };
}

async function keepListening(
  listener: Listener,
  end: AbortSignal,
  tell: (news: News) => void,
  onBreak: () => void,
): Promise<void> {
  let wait = FIRST_WAIT_MS;
  for (;;) {
    await looked(end);
    if (end.aborted) return;
    const hidden = new AbortController();
    const stop = () => {
      if (end.aborted || document.hidden) hidden.abort();
    };
    document.addEventListener("visibilitychange", stop);
    end.addEventListener("abort", stop);
    try {
      for await (const news of listener.listen(hidden.signal)) {
        wait = FIRST_WAIT_MS;
        tell(news);
      }
    } catch {
      wait = Math.min(2 * wait, LONGEST_WAIT_MS);
    } finally {
      document.removeEventListener("visibilitychange", stop);
      end.removeEventListener("abort", stop);
    }
    if (hidden.signal.aborted) continue;
    onBreak();
    // Not all pages at once when the service is back.
    await pause(wait * (0.5 + share() / 2), end);
  }
}

/** Waits until somebody looks at the page. */
function looked(end: AbortSignal): Promise<void> {
  return until(end, (done) => {
    if (document.hidden) document.addEventListener("visibilitychange", done, { once: true });
    else done();
  });
}

function pause(ms: number, end: AbortSignal): Promise<void> {
  return until(end, (done) => setTimeout(done, ms));
}

function until(end: AbortSignal, begin: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      resolve();
    };
    if (end.aborted) done();
    end.addEventListener("abort", done, { once: true });
    begin(done);
  });
}

/** Returns a number from 0 to 1 by chance. */
function share(): number {
  return (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) / 255;
}
