/** The service's API, over HTTP. */

import { isRecord, readGeneration, readGenerations, type Generation, type GenerationRequest } from "./generation";

export interface Api {
  /** Generates one picture. */
  generate: (request: GenerationRequest) => Promise<Generation>;
  /** Lists the latest generations, the newest first. */
  latest: (limit: number, signal: AbortSignal) => Promise<Generation[]>;
}

/** The service did not do what it was asked; the message is for the person who asked. */
export class ApiError extends Error {
  override readonly name = "ApiError";
}

/**
 * Makes the client. Its calls reject with an ApiError, or with the reason of an abort.
 *
 * @param origin - Where the service is, such as "http://127.0.0.1:8000"; the page's own origin when left out.
 */
export function createApi(origin = ""): Api {
  const images = `${origin}/api/images`;
  return {
    generate: (request) =>
      ask(readGeneration, images, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(request),
      }),
    latest: (limit, signal) => ask(readGenerations, `${images}?limit=${String(limit)}`, { signal }),
  };
}

async function ask<Answer>(read: (body: unknown) => Answer, url: string, init: RequestInit): Promise<Answer> {
  const response = await send(url, init);
  const body = await bodyOf(response);
  if (!response.ok) throw new ApiError(refusal(response.status, body));
  try {
    return read(body);
  } catch (error) {
    throw new ApiError(`The service's answer cannot be read: ${(error as TypeError).message}.`, { cause: error });
  }
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError("The service cannot be reached. Check that it runs, then try again.", { cause: error });
  }
}

/** Returns the answer's JSON, or nothing where it is not JSON, as a proxy's error page is not. */
async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function refusal(status: number, body: unknown): string {
  const reason = reasonIn(body);
  if (reason === "") return `The service answered with status ${String(status)} and no reason. Try again in a moment.`;
  return `The service answered with status ${String(status)}: ${reason}`;
}

/** Returns the reason that FastAPI gives: a text, or a list of what is wrong with each field. */
function reasonIn(body: unknown): string {
  const detail = isRecord(body) ? body["detail"] : undefined;
  if (typeof detail === "string") return detail;
  return Array.isArray(detail) ? detail.filter(isRecord).map(complaint).join("; ") : "";
}

function complaint({ loc, msg }: Record<string, unknown>): string {
  const field: unknown = Array.isArray(loc) ? loc.at(-1) : undefined;
  return typeof field === "string" ? `${field}: ${String(msg)}` : String(msg);
}
