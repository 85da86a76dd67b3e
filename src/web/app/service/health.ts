/** Where the events are: accepted = delivered + pending + dead-lettered + forgotten + lost. */

import { COUNT, isRecord, oneOf, readRecord, TEXT, type Kind } from "./shape";

export interface EventCounts {
  accepted: number;
  delivered: number;
  pending: number;
  dead_lettered: number;
  forgotten: number;
  lost: number;
}

export interface Health {
  tracking: "on" | "off";
  /** Null when nothing is tracked. */
  events: EventCounts | null;
  /** Why nothing is delivered now; null when nothing hinders. */
  trouble: Trouble | null;
}

export interface Trouble {
  /** Milliseconds since 1970. */
  since_ms: number;
  /** In MLflow's or the system's words. */
  reason: string;
}

const COUNTS: Record<keyof EventCounts, Kind> = {
  accepted: COUNT,
  delivered: COUNT,
  pending: COUNT,
  dead_lettered: COUNT,
  forgotten: COUNT,
  lost: COUNT,
};

const TROUBLE: Record<keyof Trouble, Kind> = { since_ms: COUNT, reason: TEXT };

/** Reads the service's health from an answer; a TypeError names the field that is not as agreed. */
export function readHealth(value: unknown): Health {
  const { tracking } = readRecord<Pick<Health, "tracking">>({ tracking: oneOf("on", "off") }, value, "health");
  const events = isRecord(value) ? value["events"] : null;
  if (!isRecord(events)) return { tracking, events: null, trouble: null };
  const { trouble } = events;
  return {
    tracking,
    events: readRecord<EventCounts>(COUNTS, events, "health.events"),
    trouble: isRecord(trouble) ? readRecord<Trouble>(TROUBLE, trouble, "health.events.trouble") : null,
  };
}
