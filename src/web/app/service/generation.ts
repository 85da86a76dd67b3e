/** What the service generates. */

import { AMOUNT, COUNT, isRecord, oneOf, orAbsent, orNull, readList, readRecord, TEXT, TIME, TRUTH, type Kind } from "./shape";

export const ASPECT_RATIOS = ["1:1", "16:9", "9:16", "4:3", "3:4"] as const;
export type AspectRatio = (typeof ASPECT_RATIOS)[number];

export const KINDS = ["image", "text"] as const;
export type GenerationKind = (typeof KINDS)[number];

export interface GenerationRequest {
  kind: GenerationKind;
  prompt: string;
  /** A picture's width to height. */
  aspect_ratio: AspectRatio;
}

export interface Generation {
  id: string;
  created_at: string;
  user_email: string;
  kind: GenerationKind;
  provider: string;
  model: string;
  prompt: string;
  aspect_ratio: string | null;
  image_url: string | null;
  text: string | null;
  processing_time_ms: number;
  time_to_first_token_ms: number | null;
  /** Null when the provider did not say, and so for the other counts. */
  input_tokens: number | null;
  output_tokens: number | null;
  cached_input_tokens: number | null;
  cache_write_tokens: number | null;
  reasoning_tokens: number | null;
  image_tokens: number | null;
  /** Null when no price is known; never 0 in its place. */
  estimated_cost_usd: number | null;
  /** False when it was made and could not be kept in the gallery; its picture is a data: URL then. */
  kept?: boolean;
}

const FIELDS: Record<keyof Generation, Kind> = {
  id: TEXT,
  created_at: TIME,
  user_email: TEXT,
  kind: oneOf(...KINDS),
  provider: TEXT,
  model: TEXT,
  prompt: TEXT,
  aspect_ratio: orNull(TEXT),
  image_url: orNull(TEXT),
  text: orNull(TEXT),
  processing_time_ms: AMOUNT,
  time_to_first_token_ms: orNull(AMOUNT),
  input_tokens: orNull(COUNT),
  output_tokens: orNull(COUNT),
  cached_input_tokens: orNull(COUNT),
  cache_write_tokens: orNull(COUNT),
  reasoning_tokens: orNull(COUNT),
  image_tokens: orNull(COUNT),
  estimated_cost_usd: orNull(AMOUNT),
  kept: orAbsent(TRUTH),
};

export interface GenerationPage {
  generations: Generation[];
  /** Where the next page begins; null when this is the last one. */
  next: number | null;
}

/** What the gallery can be filtered by. */
export interface Filters {
  users: string[];
  models: string[];
}

/** Where MLflow has a generation. */
export interface Tracked {
  state: "delivered" | "pending" | "off";
  kind: "run" | "trace";
  id: string | null;
  url: string | null;
}

/** Who is asking, what they may see, and what can be generated. */
export interface Session {
  user: string;
  is_admin: boolean;
  provider: string;
  text_model: string;
  image_model: string | null;
  prompt_limit: number;
  time_zone: string;
}

const TRACKED: Record<keyof Tracked, Kind> = {
  state: oneOf("delivered", "pending", "off"),
  kind: oneOf("run", "trace"),
  id: orNull(TEXT),
  url: orNull(TEXT),
};

const SESSION: Record<keyof Session, Kind> = {
  user: TEXT,
  is_admin: TRUTH,
  provider: TEXT,
  text_model: TEXT,
  image_model: orNull(TEXT),
  prompt_limit: COUNT,
  time_zone: TEXT,
};

/** Reads one generation from an answer; a TypeError names the field that is not as agreed. */
export function readGeneration(value: unknown, where = "generation"): Generation {
  return readRecord<Generation>(FIELDS, value, where);
}

/** Reads a page of generations from an answer, in the same way. */
export function readGenerations(value: unknown): GenerationPage {
  const generations = readList(readGeneration, value, "generations");
  const next = isRecord(value) ? value["next"] : undefined;
  if (!orNull(COUNT).fits(next)) throw new TypeError("next should be a whole number from 0, or null");
  return { generations, next: next as number | null };
}

/** Reads what the gallery can be filtered by, in the same way. */
export function readFilters(value: unknown): Filters {
  return { users: readList(readText, value, "users"), models: readList(readText, value, "models") };
}

/** Reads where MLflow has a generation, in the same way. */
export function readTracked(value: unknown): Tracked {
  return readRecord<Tracked>(TRACKED, value, "tracked");
}

/** Reads who is asking, in the same way. */
export function readSession(value: unknown): Session {
  return readRecord<Session>(SESSION, value, "session");
}

function readText(value: unknown, where: string): string {
  if (typeof value !== "string") throw new TypeError(`${where} should be text`);
  return value;
}
