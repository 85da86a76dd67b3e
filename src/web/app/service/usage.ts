/** What the service tells of usage: a table for each question, of whole days in a named zone. */

import {
  AMOUNT,
  COST_TEXT,
  COUNT,
  isRecord,
  NUMBER,
  orNull,
  readList,
  readRecord,
  TEXT,
  TIME,
  TRUTH,
  type Kind,
} from "./shape";

/** What costs are added up by. */
export const PARTS = ["user", "model", "kind"] as const;
export type Part = (typeof PARTS)[number];

/** What is asked of every question. */
export interface Range {
  /** The first day and the last one, which is included: ISO dates. */
  since: string;
  until: string;
  /** Where days begin, an IANA name. */
  zone: string;
}

export interface Answer<Row, Total = Row> {
  since: string;
  until: string;
  time_zone: string;
  as_of: string;
  /** Whether all that MLflow has is in it; otherwise `trouble` says why not. */
  current: boolean;
  trouble: string | null;
  rows: Row[];
  total: Total;
}

/** Costs are text, because JSON's numbers are not exact; null where none is known. */
export interface Spent {
  cost_usd: string | null;
  unknown_price: number;
  events: number;
}
export type SpentByUser = Spent & { user: string };
export type SpentByDay = Spent & { day: string; key: string };

export interface Activity {
  events: number;
  errors: number;
  cancelled: number;
  cost_usd: string | null;
  unknown_price: number;
  input_tokens: number | null;
  output_tokens: number | null;
  unknown_tokens: number;
  p50_ms: number | null;
  p95_ms: number | null;
}
export type ActivityByDay = Activity & { day: string };

export interface Correlation {
  n: number;
  r: number | null;
  r_low: number | null;
  r_high: number | null;
  slope_ms: number | null;
  intercept_ms: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  note: string | null;
}
export type CorrelationByModel = Correlation & { model: string };

export interface Point {
  model: string;
  prompt_length: number;
  processing_time_ms: number;
}

const SPENT: Record<keyof Spent, Kind> = { cost_usd: orNull(COST_TEXT), unknown_price: COUNT, events: COUNT };
const ACTIVITY: Record<keyof Activity, Kind> = {
  events: COUNT,
  errors: COUNT,
  cancelled: COUNT,
  cost_usd: orNull(COST_TEXT),
  unknown_price: COUNT,
  input_tokens: orNull(COUNT),
  output_tokens: orNull(COUNT),
  unknown_tokens: COUNT,
  p50_ms: orNull(AMOUNT),
  p95_ms: orNull(AMOUNT),
};
const CORRELATION: Record<keyof Correlation, Kind> = {
  n: COUNT,
  r: orNull(NUMBER),
  r_low: orNull(NUMBER),
  r_high: orNull(NUMBER),
  slope_ms: orNull(NUMBER),
  intercept_ms: orNull(NUMBER),
  p50_ms: orNull(AMOUNT),
  p95_ms: orNull(AMOUNT),
  note: orNull(TEXT),
};

type Head = Omit<Answer<unknown>, "rows" | "total">;
const HEAD: Record<keyof Head, Kind> = {
  since: TEXT,
  until: TEXT,
  time_zone: TEXT,
  as_of: TIME,
  current: TRUTH,
  trouble: orNull(TEXT),
};

function reader<Row, Total>(row: Record<keyof Row & string, Kind>, total: Record<keyof Total & string, Kind>) {
  return (value: unknown): Answer<Row, Total> => ({
    ...readRecord<Head>(HEAD, value, "answer"),
    rows: readList((each, where) => readRecord<Row>(row, each, where), value, "rows"),
    total: readRecord<Total>(total, isRecord(value) ? value["total"] : undefined, "total"),
  });
}

/** These read an answer; a TypeError names the field that is not as agreed. */
export const readSpentByUser = reader<SpentByUser, Spent>({ user: TEXT, ...SPENT }, SPENT);
export const readSpentByDay = reader<SpentByDay, Spent>({ day: TEXT, key: TEXT, ...SPENT }, SPENT);
export const readActivity = reader<ActivityByDay, Activity>({ day: TEXT, ...ACTIVITY }, ACTIVITY);
export const readLatency = reader<CorrelationByModel, Correlation>({ model: TEXT, ...CORRELATION }, CORRELATION);
export const readPoints = reader<Point, { n: number }>(
  { model: TEXT, prompt_length: COUNT, processing_time_ms: AMOUNT },
  { n: COUNT },
);
