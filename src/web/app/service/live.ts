/**
 * What the service tells by itself, as server-sent events.
 *
 * It is read by fetch, and not by the browser's EventSource: that one gives up for good on any refusal, a proxy's 502
 * during a restart as well, and cannot go on later from where it was.
 *
 * Source of the format: https://html.spec.whatwg.org/multipage/server-sent-events.html.
 */

import { readHealth, type Health } from "./health";
import { agreed, ApiError, parse, send } from "./http";
import { linesOf } from "./lines";

/** A new generation comes without its fields: whoever shows it asks for it. */
export type News = { name: "hello" | "generation" } | { name: "health"; health: Health };

// The service gives a sign of life each 15 s.
const SILENCE_MS = 45_000;

/** Listens, from where it last was. */
export class Listener {
  readonly #url: string;
  readonly #silenceMs: number;
  #lastId = "";

  constructor(origin: string, silenceMs = SILENCE_MS) {
    this.#url = `${origin}/api/live`;
    this.#silenceMs = silenceMs;
  }

  /**
   * Yields what is told until the connection ends; rejects with an ApiError, also when nothing comes for too long, or
   * with the reason of an abort.
   */
  async *listen(signal: AbortSignal): AsyncGenerator<News> {
    let event = new Map<string, string>();
    for await (const line of this.#lines(signal)) {
      if (line !== "") {
        const [field = "", ...value] = line.split(": ");
        event.set(field, value.join(": "));
        continue;
      }
      this.#lastId = event.get("id") ?? this.#lastId;
      const news = newsOf(event);
      event = new Map();
      if (news !== null) yield news;
    }
  }

  async *#lines(signal: AbortSignal): AsyncGenerator<string> {
    const connection = new AbortController();
    const end = () => {
      connection.abort(signal.reason);
    };
    const waitForMore = () =>
      setTimeout(() => {
        connection.abort(new ApiError("The service has told nothing for too long."));
      }, this.#silenceMs);
    let silence = waitForMore();
    signal.addEventListener("abort", end);
    try {
      const headers = this.#lastId === "" ? {} : { "Last-Event-ID": this.#lastId };
      const response = await send(this.#url, { headers, signal: connection.signal, cache: "no-store" });
      for await (const line of linesOf(response, connection.signal)) {
        clearTimeout(silence);
        silence = waitForMore();
        yield line;
      }
    } finally {
      clearTimeout(silence);
      signal.removeEventListener("abort", end);
    }
  }
}

/** Returns what an event tells; null for one that this page does not know, and for a sign of life. */
function newsOf(event: ReadonlyMap<string, string>): News | null {
  const name = event.get("event");
  if (name === "health") return { name, health: agreed(() => readHealth(parse(event.get("data") ?? ""))) };
  return name === "hello" || name === "generation" ? { name } : null;
}
