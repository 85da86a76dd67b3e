/** Figures in the words that only the usage page needs. */

import { formatCost, formatCount, formatDuration } from "../format";
import type { Spent } from "../service/usage";

/** The heads of the cells that say what was spent. */
export const SPENT_HEAD = ["Cost (USD)", "Events", "Unknown price"] as const;

const SHARE = new Intl.NumberFormat("en", { style: "percent", maximumSignificantDigits: 3 });
const EXACT = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const ROUGH = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** Writes a share of 1 as a percentage. */
export function formatShare(share: number): string {
  return SHARE.format(share);
}

/** Writes milliseconds for a table, where all have one unit. */
export function formatMs(ms: number | null): string {
  return ms === null ? "none" : EXACT.format(ms);
}

/** Writes a latency; there is none where no event worked. */
export function formatLatency(ms: number | null): string {
  return ms === null ? "none" : formatDuration(ms);
}

/** Writes a number with three digits that count. */
export function formatRough(value: number): string {
  return ROUGH.format(value);
}

/** Writes what was spent as a table's cells, the cost with all its digits. */
export function spentCells({ cost_usd, events, unknown_price }: Spent): string[] {
  return [cost_usd ?? formatCost(null), formatCount(events), formatCount(unknown_price)];
}

/** Writes how many of a thing there are, such as "1 event" and "2 events". */
export function many(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? "" : "s"}`;
}

/** Ends what somebody else wrote with a full stop. */
export function asSentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}
