/** The service's answers about usage, as a real server gives them. */

import type { Activity, ActivityByDay, Correlation, CorrelationByModel } from "../../../../src/web/app/service/usage";
import { listen } from "../../loopback";

type Asked = Record<string, string>;
type Told = Record<string, unknown> & { rows: object[]; total: object };

export const NOTHING: Activity = {
  events: 0,
  errors: 0,
  cancelled: 0,
  cost_usd: null,
  unknown_price: 0,
  input_tokens: null,
  output_tokens: null,
  unknown_tokens: 0,
  p50_ms: null,
  p95_ms: null,
};

/** Makes what was done on a day. */
export function anActivity(changes: Partial<ActivityByDay> = {}): ActivityByDay {
  const tokens = { input_tokens: 1200, output_tokens: 83_000, unknown_tokens: 2 };
  const done = { errors: 2, cancelled: 1, p50_ms: 1612.44, p95_ms: 5240 };
  return { day: "2026-11-20", ...spent("1.750001", 40), ...done, ...tokens, ...changes };
}

/** Makes a model's correlation. */
export function aCorrelation(changes: Partial<CorrelationByModel> = {}): CorrelationByModel {
  const correlation: Correlation = {
    n: 12_345,
    r: 0.8312,
    r_low: 0.8149,
    r_high: 0.8461,
    slope_ms: 1.2345,
    intercept_ms: 812.3,
    p50_ms: 1612.44,
    p95_ms: 5240,
    note: null,
  };
  return { model: "local-image-1", ...correlation, ...changes };
}

/** Makes what was spent on something. */
export function spent(cost_usd: string | null, events = 10, unknown_price = 0) {
  return { cost_usd, unknown_price, events };
}

const SPENDING: Record<string, object[]> = {
  user: [
    { day: "2026-11-20", key: "ada@example.com", ...spent("1.500001") },
    { day: "2026-11-20", key: "(others)", ...spent("0.25", 4) },
    { day: "2026-11-22", key: "grace.hopper@example.com", ...spent("12.25", 20) },
    { day: "2026-11-22", key: "ada@example.com", ...spent(null, 3, 3) },
  ],
  model: [{ day: "2026-11-20", key: "local-image-1", ...spent("14.000001", 37, 3) }],
  kind: [{ day: "2026-11-20", key: "image", ...spent("14.000001", 37, 3) }],
};

export class UsageService {
  origin = "";
  /** What was asked: the question's name, and its parameters. */
  readonly asked: [string, Asked][] = [];
  /** What is answered instead of what usually is, by the question's name. */
  readonly changes: Record<string, Partial<Told>> = {};
  readonly #failures = new Map<string, string>();

  /** Starts one. */
  static async start(changes: Record<string, Partial<Told>> = {}): Promise<UsageService> {
    const service = new UsageService();
    Object.assign(service.changes, changes);
    service.origin = await listen((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", service.origin);
      const name = pathname.replace("/api/usage/", "");
      const asked = Object.fromEntries(searchParams);
      const failure = service.#failures.get(name);
      service.asked.push([name, asked]);
      if (failure === undefined) response.end(JSON.stringify(service.#answer(name, asked)));
      else response.writeHead(503).end(JSON.stringify({ detail: failure }));
    });
    return service;
  }

  /** Lets a question fail from now on; null lets it work again. */
  fail(name: string, detail: string | null): void {
    if (detail === null) this.#failures.delete(name);
    else this.#failures.set(name, detail);
  }

  /** Returns what a question was asked with, the latest last. */
  askedOf(name: string): Asked[] {
    return this.asked.filter(([each]) => each === name).map(([, asked]) => asked);
  }

  #answer(name: string, asked: Asked): Told {
    const { on, since = on, until = on, tz } = asked;
    const head = { since, until, time_zone: tz, as_of: "2026-11-23T09:05:00+00:00", current: true, trouble: null };
    return { ...head, ...usual(name, asked), ...this.changes[name] };
  }
}

function usual(name: string, asked: Asked): Told {
  const answers: Record<string, Told> = {
    spending: { rows: SPENDING[asked["of"] ?? ""] ?? [], total: spent("14.000001", 37, 3) },
    "top-users": {
      rows: [
        { user: "grace.hopper@example.com", ...spent("12.25", 20) },
        { user: "ada@example.com", ...spent(null, 3, 3) },
      ],
      total: spent("12.25", 23, 3),
    },
    activity: {
      rows: [anActivity(), anActivity({ day: "2026-11-22", events: 1, errors: 0, cancelled: 0, p50_ms: null, p95_ms: null })],
      total: anActivity({ ...spent("14.000001", 1041, 3), errors: 26, cancelled: 9 }),
    },
    latency: {
      rows: [
        aCorrelation(),
        aCorrelation({ model: "local-text-1", n: 900, r: -0.1, r_low: -0.16, r_high: -0.03, slope_ms: -0.02 }),
      ],
      total: aCorrelation({ slope_ms: null, intercept_ms: null, p50_ms: null, p95_ms: null }),
    },
    points: {
      rows: [
        { model: "local-image-1", n: 1, prompt_length: 100, processing_time_ms: 935.75 },
        { model: "local-image-1", n: 1, prompt_length: 2000, processing_time_ms: 3281.3 },
        { model: "local-text-1", n: 1, prompt_length: 70, processing_time_ms: 300 },
      ],
      total: { n: 13_245 },
    },
  };
  return answers[name] ?? { rows: [], total: {} };
}
