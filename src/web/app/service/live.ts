/**
 * What the service tells by itself, as server-sent events.
 *
 * It is read by fetch, and not by the browser's EventSource: that one gives up for good on any refusal, a proxy's 502
 * during a restart as well, and cannot go on later from where it was.
 *
 * Source of the format: https://html.spec.whatwg.org/multipage/server-sent-events.html.
 */

import { readHealth, type Health } from "./health";
import { send, agreed, parse } from "./http";
import { linesOf } from "./lines";

/** A new generation comes without its fields: whoever shows it asks for it. */
export type News = { name: "hello" | "generation" } | { name: "health"; health: Health };

/** Listens, from where it last was. */
export class Listener {
  readonly #url: string;
  #lastId = "";

  constructor(origin: string) {
    this.#url = `${origin}/api/live`;
  }

  /** Yields what is told until the connection ends; rejects with an ApiError, or with the reason of an abort. */
  async *listen(signal: AbortSignal): AsyncGenerator<News> {
    const headers = this.#lastId === "" ? {} : { "Last-Event-ID": this.#lastId };
    let event = new Map<string, string>();
    for await (const line of linesOf(await send(this.#url, { headers, signal, cache: "no-store" }))) {
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
}

/** Returns what an event tells; null for one that this page does not know, and for a sign of life. */
function newsOf(event: ReadonlyMap<string, string>): News | null {
  const name = event.get("event");
  if (name === "health") return { name, health: agreed(() => readHealth(parse(event.get("data") ?? ""))) };
  return name === "hello" || name === "generation" ? { name } : null;
}
