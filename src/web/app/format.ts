/** Figures and dates in the words that the page shows. */

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const MONEY = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const SMALL_MONEY = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 4 });
const MOMENT = {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
} as const;
const LEAST_SHOWN = 0.0001;

/** Writes a cost in US dollars; below one dollar with four decimals, as one picture costs cents. */
export function formatCost(usd: number | null): string {
  if (usd === null) return "price unknown";
  if (usd > 0 && usd < LEAST_SHOWN) return `< ${SMALL_MONEY.format(LEAST_SHOWN)}`;
  return (usd < 1 ? SMALL_MONEY : MONEY).format(usd);
}

/** Writes a duration given in milliseconds. */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < 1000) return `${WHOLE.format(ms)} ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${WHOLE.format(Math.floor(seconds / 60))} min ${String(seconds % 60)} s`;
}

/** Writes a count with its thousands apart. */
export function formatCount(count: number | null): string {
  return count === null ? "unknown" : WHOLE.format(count);
}

/**
 * Writes a moment as a date, a time of day and its zone.
 *
 * @param timeZone - An IANA name; the reader's own zone when left out.
 */
export function formatMoment(iso: string, timeZone?: string): string {
  return new Intl.DateTimeFormat("en-GB", { ...MOMENT, timeZone }).format(new Date(iso));
}

/** Cuts a text to the given number of characters, the ellipsis included. */
export function shorten(text: string, limit: number): string {
  const characters = Array.from(text);
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join("").trimEnd()}…`;
}

/** Returns width divided by height of a ratio such as "16:9"; 1 when it is no ratio. */
export function ratioOf(aspectRatio: string): number {
  const [width, height] = aspectRatio.split(":");
  const ratio = Number(width) / Number(height);
  return Number.isFinite(ratio) && ratio > 0 ? ratio : 1;
}
