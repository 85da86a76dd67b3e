/** Requests to the service, and its answers or refusals. */

import { isRecord } from "./shape";

const WAIT = /again in \d/i;
const SECONDS = /^\d+$/;

type Signal = RequestInit["signal"];

/** The service did not do what it was asked; the message is for the person who asked. */
export class ApiError extends Error {
  override readonly name = "ApiError";
}

/** Asks, and reads the answer; rejects with an ApiError, or with the reason of an abort. */
export async function ask<Answer>(read: (body: unknown) => Answer, url: string, init: RequestInit): Promise<Answer> {
  const body = parse(await textOf(await send(url, init), init.signal));
  return agreed(() => read(body));
}

/** Returns what reads an answer; an ApiError says what in it is not as agreed. */
export function agreed<Answer>(read: () => Answer): Answer {
  try {
    return read();
  } catch (error) {
    throw new ApiError(`The service's answer cannot be read: ${(error as TypeError).message}.`, { cause: error });
  }
}

/** Asks; returns an answer that is no refusal. */
export async function send(url: string, init: RequestInit): Promise<Response> {
  const response = await reach(url, init);
  if (!response.ok) {
    const body = parse(await textOf(response, init.signal));
    throw new ApiError(refusal(response.status, body, response.headers.get("Retry-After")));
  }
  return response;
}

/** Returns what a request sends as JSON. */
export function posting(body: unknown, signal: AbortSignal): RequestInit {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal };
}

/** Returns JSON's value, or nothing where it is not JSON, as a proxy's error page is not. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError("The service cannot be reached. Check that it runs, then try again.", { cause: error });
  }
}

async function textOf(response: Response, signal: Signal): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    const words = "The connection to the service broke off in the middle of its answer. Try again.";
    throw new ApiError(words, { cause: error });
  }
}

function refusal(status: number, body: unknown, retryAfter: string | null): string {
  const reason = reasonIn(body);
  // It is but a matter of time, and many reasons tell of how much.
  if (reason !== "" && retryAfter !== null) {
    return WAIT.test(reason) || !SECONDS.test(retryAfter) ? reason : `${reason} Try again in ${retryAfter} s.`;
  }
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
