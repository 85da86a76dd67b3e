/** The service's questions about usage, each as a table and as a CSV file. */

import { ask } from "./http";
import {
  readActivity,
  readLatency,
  readPoints,
  readSpentByDay,
  readSpentByUser,
  type ActivityByDay,
  type Activity,
  type Answer,
  type Correlation,
  type CorrelationByModel,
  type Part,
  type Point,
  type Range,
  type Spent,
  type SpentByDay,
  type SpentByUser,
} from "./usage";

export interface UsageApi {
  /** The users that incurred the highest cost on a day. */
  topUsers: Question<Day, Answer<SpentByUser, Spent>>;
  /** What was spent each day on each user, model or kind. */
  spending: Question<Range & { of: Part }, Answer<SpentByDay, Spent>>;
  /** How much was done each day, how fast and how well. */
  activity: Question<Range, Answer<ActivityByDay, Activity>>;
  /** Whether long prompts take longer, for each model. */
  latency: Question<Range, Answer<CorrelationByModel, Correlation>>;
  /** Some of the events that worked. */
  points: Question<Range, Answer<Point, { n: number }>>;
}

export interface Day {
  /** An ISO date. */
  on: string;
  zone: string;
}

export interface Question<Asked, Told> {
  (asked: Asked, signal: AbortSignal): Promise<Told>;
  /** Returns the address of the same answer as a CSV file. */
  csv: (asked: Asked) => string;
}

/** Makes the questions; `origin` is where the service is. */
export function createUsageApi(origin: string): UsageApi {
  function question<Asked extends object, Told>(name: string, read: (body: unknown) => Told): Question<Asked, Told> {
    const url = (asked: Asked) => `${origin}/api/usage/${name}?${parameters(asked).toString()}`;
    return Object.assign((asked: Asked, signal: AbortSignal) => ask(read, url(asked), { signal }), {
      csv: (asked: Asked) => `${url(asked)}&format=csv`,
    });
  }

  return {
    topUsers: question("top-users", readSpentByUser),
    spending: question("spending", readSpentByDay),
    activity: question("activity", readActivity),
    latency: question("latency", readLatency),
    points: question("points", readPoints),
  };
}

function parameters(asked: object): URLSearchParams {
  const { zone, ...rest } = asked as Record<string, string>;
  return new URLSearchParams({ ...rest, ...(zone === undefined ? {} : { tz: zone }) });
}
