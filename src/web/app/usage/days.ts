/** Days: ISO dates such as "2026-11-23", which compare as text. */

export interface Days {
  /** The first day and the last one, which is included. */
  since: string;
  until: string;
}

export const RANGE_DAYS = 30;
/** The ranges that are asked for the most. */
export const PRESETS = {
  today: "Today",
  yesterday: "Yesterday",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  month: "This month",
} as const;
export type Preset = keyof typeof PRESETS;

// Each day is drawn: more of them nobody tells apart.
const MOST_DAYS = 366;
const DAY_MS = 86_400_000;
// What the service takes for a day.
const DAY = /^2[01]\d\d-\d\d-\d\d$/;

const LONG = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const SHORT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** Returns which day it is now where the zone is. */
export function today(zone: string): string {
  // Sweden writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(new Date());
}

/** Returns the day that comes so many days later; earlier below 0. */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);
}

/** Lists all days of a range. */
export function daysOf({ since, until }: Days): string[] {
  return Array.from({ length: lengthOf({ since, until }) }, (_, number) => addDays(since, number));
}

/** Tells whether a text is a day that the service can be asked for. */
export function isDay(text: string): boolean {
  return DAY.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text;
}

/** Says in words why a range cannot be asked for; null when it can. */
export function problemOf({ since, until }: Days): string | null {
  if (!isDay(since) || !isDay(until)) return "Choose both days.";
  if (until < since) return "“To” is before “From”.";
  if (lengthOf({ since, until }) > MOST_DAYS) return `Choose at most ${String(MOST_DAYS)} days.`;
  return null;
}

/** Returns the days of a range that is asked for often, on a day. */
export function daysIn(preset: Preset, day: string): Days {
  if (preset === "yesterday") return { since: addDays(day, -1), until: addDays(day, -1) };
  const firsts = {
    today: day,
    "7d": addDays(day, -6),
    "30d": addDays(day, 1 - RANGE_DAYS),
    month: `${day.slice(0, 8)}01`,
  };
  return { since: firsts[preset], until: day };
}

/** Tells whether a text names such a range. */
export function isPreset(text: string | undefined): text is Preset {
  return text !== undefined && Object.hasOwn(PRESETS, text);
}

/** Writes a day. */
export function formatDay(day: string): string {
  return LONG.format(Date.parse(day));
}

/** Writes a day without its year, for an axis. */
export function formatShortDay(day: string): string {
  return SHORT.format(Date.parse(day));
}

/** Writes a range so that it ends a sentence. */
export function formatRange({ since, until }: Days): string {
  return since === until ? `on ${formatDay(since)}` : `from ${formatDay(since)} to ${formatDay(until)}`;
}

function lengthOf({ since, until }: Days): number {
  return Math.round((Date.parse(until) - Date.parse(since)) / DAY_MS) + 1;
}
