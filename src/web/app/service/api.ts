/** The service's API, over HTTP. */

import {
  readFilters,
  readGeneration,
  readGenerations,
  readSession,
  readTracked,
  type AspectRatio,
  type Filters,
  type Generation,
  type GenerationPage,
  type Session,
  type Tracked,
} from "./generation";
import { ask, posting, send } from "./http";
import { readText } from "./textStream";
import { createUsageApi, type UsageApi } from "./usageApi";

export interface Api {
  /** Where the service is; empty for the page's own origin. */
  origin: string;
  /** Tells who is asking, and what can be generated. */
  session: (signal: AbortSignal) => Promise<Session>;
  /** Generates one picture; an abort cancels it in the service, too. */
  generateImage: (request: ImageRequest, signal: AbortSignal) => Promise<Generation>;
  /** Generates one text, and tells each part as it comes; an abort cancels it in the service, too. */
  generateText: (request: TextRequest, onPart: (part: string) => void, signal: AbortSignal) => Promise<Generation>;
  /** Lists generations, the newest first; `before` is the `next` of the page before. */
  generations: (search: Search, before: number | null, signal: AbortSignal) => Promise<GenerationPage>;
  /** Shows one generation. */
  generation: (id: string, signal: AbortSignal) => Promise<Generation>;
  /** Tells where MLflow has a generation. */
  tracked: (id: string, signal: AbortSignal) => Promise<Tracked>;
  /** Lists what the gallery can be filtered by. */
  filters: (signal: AbortSignal) => Promise<Filters>;
  usage: UsageApi;
}

export interface ImageRequest {
  prompt: string;
  aspect_ratio: AspectRatio;
}

export interface TextRequest {
  prompt: string;
}

/** What is looked for in the gallery; an empty text finds all. */
export interface Search {
  /** What the prompt has in it. */
  search: string;
  user: string;
  model: string;
}

const PAGE_SIZE = 24;

/**
 * Makes the client. Its calls reject with an ApiError, or with the reason of an abort.
 *
 * @param origin - Where the service is, such as "http://127.0.0.1:8000"; the page's own origin when left out.
 */
export function createApi(origin = ""): Api {
  const generations = `${origin}/api/generations`;
  const one = (id: string) => `${generations}/${encodeURIComponent(id)}`;
  return {
    origin,
    session: (signal) => ask(readSession, `${origin}/api/session`, { signal }),
    generateImage: (request, signal) => ask(readGeneration, `${origin}/api/images`, posting(request, signal)),
    generateText: async (request, onPart, signal) =>
      readText(await send(`${origin}/api/texts`, posting(request, signal)), onPart, signal),
    generations: (search, before, signal) =>
      ask(readGenerations, `${generations}?${parameters(search, before).toString()}`, { signal }),
    generation: (id, signal) => ask(readGeneration, one(id), { signal }),
    tracked: (id, signal) => ask(readTracked, `${one(id)}/tracked`, { signal }),
    filters: (signal) => ask(readFilters, `${generations}/filters`, { signal }),
    usage: createUsageApi(origin),
  };
}

function parameters(search: Search, before: number | null): URLSearchParams {
  const wanted = new URLSearchParams({ limit: String(PAGE_SIZE) });
  for (const [name, value] of Object.entries<string>({ ...search })) if (value !== "") wanted.set(name, value);
  if (before !== null) wanted.set("before", String(before));
  return wanted;
}
