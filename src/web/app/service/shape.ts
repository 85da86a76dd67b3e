/** Shapes: the check that the service's answers are what this page was written for. */

export interface Kind {
  words: string;
  fits: (value: unknown) => boolean;
}

export const TEXT: Kind = { words: "text", fits: (value) => typeof value === "string" };
export const TIME: Kind = {
  words: "a time",
  fits: (value) => typeof value === "string" && !Number.isNaN(Date.parse(value)),
};
export const TRUTH: Kind = { words: "true or false", fits: (value) => typeof value === "boolean" };
export const AMOUNT: Kind = { words: "a number from 0", fits: (value) => Number.isFinite(value) && Number(value) >= 0 };
export const NUMBER: Kind = { words: "a number", fits: (value) => Number.isFinite(value) };
export const COUNT: Kind = {
  words: "a whole number from 0",
  fits: (value) => Number.isInteger(value) && Number(value) >= 0,
};
/** A cost is text where it is exact. */
export const COST_TEXT: Kind = {
  words: "a cost",
  fits: (value) => typeof value === "string" && value !== "" && AMOUNT.fits(Number(value)),
};
export const ANYTHING: Kind = { words: "anything", fits: () => true };

/** Returns the kind that null is of, too. */
export function orNull(kind: Kind): Kind {
  return { words: `${kind.words}, or null`, fits: (value) => value === null || kind.fits(value) };
}

/** Returns the kind of a field that may be left out, too. */
export function orAbsent(kind: Kind): Kind {
  return { words: `${kind.words}, or left out`, fits: (value) => value === undefined || kind.fits(value) };
}

/** Returns a kind of a few texts. */
export function oneOf(...words: readonly string[]): Kind {
  return { words: `one of ${words.join(", ")}`, fits: (value) => typeof value === "string" && words.includes(value) };
}

/** Tells whether a value is an object with named fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads an object from an answer.
 *
 * @param where - The value's place in the answer, for the error.
 * @throws TypeError naming the field that is not as agreed.
 */
export function readRecord<T>(shape: Record<keyof T & string, Kind>, value: unknown, where: string): T {
  if (!isRecord(value)) throw new TypeError(`${where} should be an object`);
  for (const [field, kind] of Object.entries<Kind>(shape)) {
    if (!kind.fits(value[field])) throw new TypeError(`${where}.${field} should be ${kind.words}`);
  }
  return value as T;
}

/**
 * Reads a list from a field of an answer.
 *
 * @throws TypeError naming the field that is not as agreed.
 */
export function readList<T>(read: (value: unknown, where: string) => T, value: unknown, field: string): T[] {
  const list = isRecord(value) ? value[field] : undefined;
  if (!Array.isArray(list)) throw new TypeError(`${field} should be a list`);
  return list.map((each, index) => read(each, `${field}[${String(index)}]`));
}
