/** What the service generates, and the check that its answers are what this page was written for. */

export const ASPECT_RATIOS = ["1:1", "16:9", "9:16", "4:3", "3:4"] as const;
export type AspectRatio = (typeof ASPECT_RATIOS)[number];

/** The most characters of a prompt that the service takes. */
export const PROMPT_LIMIT = 4000;

export interface GenerationRequest {
  prompt: string;
  aspect_ratio: AspectRatio;
}

export interface Generation {
  id: string;
  created_at: string;
  user_email: string;
  prompt: string;
  aspect_ratio: string;
  image_url: string;
  processing_time_ms: number;
  /** Null when the provider did not say. */
  input_tokens: number | null;
  output_tokens: number | null;
  /** Null when no price is known; never 0 in its place. */
  estimated_cost_usd: number | null;
}

interface Kind {
  words: string;
  fits: (value: unknown) => boolean;
}

const TEXT: Kind = { words: "text", fits: (value) => typeof value === "string" };
const TIME: Kind = { words: "a time", fits: (value) => typeof value === "string" && !Number.isNaN(Date.parse(value)) };
const AMOUNT: Kind = { words: "a number from 0", fits: (value) => Number.isFinite(value) && Number(value) >= 0 };
const COUNT: Kind = {
  words: "a whole number from 0, or null",
  fits: (value) => value === null || (Number.isInteger(value) && Number(value) >= 0),
};
const COST: Kind = { words: "a number from 0, or null", fits: (value) => value === null || AMOUNT.fits(value) };

const FIELDS: Record<keyof Generation, Kind> = {
  id: TEXT,
  created_at: TIME,
  user_email: TEXT,
  prompt: TEXT,
  aspect_ratio: TEXT,
  image_url: TEXT,
  processing_time_ms: AMOUNT,
  input_tokens: COUNT,
  output_tokens: COUNT,
  estimated_cost_usd: COST,
};

/** Tells whether a value is an object with named fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads one generation from an answer.
 *
 * @param where - The value's place in the answer, for the error.
 * @throws TypeError naming the field that is not as agreed.
 */
export function readGeneration(value: unknown, where = "generation"): Generation {
  if (!isRecord(value)) throw new TypeError(`${where} should be an object`);
  for (const [field, kind] of Object.entries(FIELDS)) {
    if (!kind.fits(value[field])) throw new TypeError(`${where}.${field} should be ${kind.words}`);
  }
  return value as unknown as Generation;
}

/**
 * Reads a list of generations from an answer.
 *
 * @throws TypeError naming the field that is not as agreed.
 */
export function readGenerations(value: unknown): Generation[] {
  if (!isRecord(value) || !Array.isArray(value["images"])) throw new TypeError("images should be a list");
  return value["images"].map((image, index) => readGeneration(image, `images[${String(index)}]`));
}
