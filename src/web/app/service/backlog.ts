/** How many events wait to be delivered: whether they become more, and whether any leaves. */

import type { EventCounts } from "./health";

export const SAMPLE_MS = 10_000;
/** Five minutes: the delivery needs some time to start, goes from batch to batch, and MLflow has slow moments. */
export const SAMPLES = 30;
const LEAST = 10;

interface Sample {
  pending: number;
  /** Those that do not wait any more, whatever became of them. */
  gone: number;
}

export interface Backlog {
  /** The latest, the oldest first. */
  samples: readonly Sample[];
  /** Whether more and more events wait; until no more of them do than when that began. */
  isGrowing: boolean;
  /** How many waited when it began. */
  began: number;
  /** Whether events wait, and none leaves. */
  isStuck: boolean;
}

export const NO_BACKLOG: Backlog = { samples: [], isGrowing: false, began: 0, isStuck: false };

/** Returns the backlog after one more look at it. */
export function watched(before: Backlog, { accepted, pending }: Pick<EventCounts, "accepted" | "pending">): Backlog {
  const samples = [...before.samples, { pending, gone: accepted - pending }].slice(-SAMPLES);
  const began = before.isGrowing ? before.began : (samples[0]?.pending ?? 0);
  const isGrowing = before.isGrowing ? pending > began && pending >= LEAST : isGrowingIn(samples);
  return { samples, isGrowing, began, isStuck: isStuckIn(samples) };
}

/** Tells whether each of the last samples is above all of the first ones. */
function isGrowingIn(samples: readonly Sample[]): boolean {
  if (samples.length < SAMPLES) return false;
  const pending = samples.map((sample) => sample.pending);
  const last = Math.min(...pending.slice(-SAMPLES / 3));
  return last >= LEAST && last > Math.max(...pending.slice(0, SAMPLES / 3));
}

function isStuckIn(samples: readonly Sample[]): boolean {
  const first = samples[0]?.gone;
  return samples.length === SAMPLES && samples.every(({ pending, gone }) => pending > 0 && gone === first);
}
