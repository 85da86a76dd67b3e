/** How many events wait to be delivered, and whether they become more. */

const SAMPLES = 6;
// The delivery needs some seconds to start, and goes from batch to batch.
const LEAST = 10;

/** Returns the latest samples, with the one that was just taken. */
export function sampled(samples: readonly number[], pending: number): number[] {
  return [...samples, pending].slice(-SAMPLES);
}

/** Tells whether more and more events wait: each later sample is above all earlier ones. */
export function isGrowing(samples: readonly number[]): boolean {
  if (samples.length < SAMPLES) return false;
  const later = Math.min(...samples.slice(SAMPLES / 2));
  return later >= LEAST && later > Math.max(...samples.slice(0, SAMPLES / 2));
}
