import { useSearchParams } from "wouter";
import { addDays, daysIn, isPreset, RANGE_DAYS, type Days, type Preset } from "./days";

interface Chosen {
  days: Days;
  /** Null when the days themselves were chosen. */
  preset: Preset | null;
}

/**
 * The days that are looked at: they stand in the page's address, so that they can be shared and gone back to. A preset
 * stands there by its name, and is of the day on which it is looked at.
 */
export function useDays(today: string): [Chosen, (range: Preset | Days) => void] {
  const [parameters, setParameters] = useSearchParams();
  function change(range: Preset | Days) {
    setParameters(typeof range === "string" ? { range } : { ...range }, { replace: true });
  }
  return [chosenIn(parameters, today), change];
}

function chosenIn(parameters: URLSearchParams, today: string): Chosen {
  const [range, since, until = today] = ["range", "since", "until"].map((name) => parameters.get(name) ?? undefined);
  if (since !== undefined || parameters.has("until")) {
    return { days: { since: since ?? firstBefore(until), until }, preset: null };
  }
  const preset = isPreset(range) ? range : "30d";
  return { days: daysIn(preset, today), preset };
}

function firstBefore(until: string): string {
  return Number.isNaN(Date.parse(until)) ? until : addDays(until, 1 - RANGE_DAYS);
}
