import { describe, expect, test } from "vitest";
import { ApiError } from "../../../src/web/app/service/http";
import { Listener, type News } from "../../../src/web/app/service/live";
import { listen } from "../loopback";

const untilTheEnd = new AbortController().signal;
const EVENTS = { accepted: 3, delivered: 1, pending: 2, dead_lettered: 0, forgotten: 0, lost: 0 };

async function all(listener: Listener): Promise<News[]> {
  const news = [];
  for await (const each of listener.listen(untilTheEnd)) news.push(each);
  return news;
}

/** Starts a service that tells this; returns its origin, and what Last-Event-IDs it was asked with. */
async function telling(text: string): Promise<[string, unknown[]]> {
  const asked: unknown[] = [];
  const origin = await listen((request, response) => {
    asked.push(request.headers["last-event-id"]);
    response.end(text);
  });
  return [origin, asked];
}

describe("what is told", () => {
  test("is read as it is; signs of life and what is not known are nothing", async () => {
    const trouble = { since_ms: 1, reason: "MLflow is away" };
    const health = { tracking: "on", events: { ...EVENTS, trouble, adds_up: true } };
    const [origin] = await telling(
      "event: hello\ndata: {}\nid: 4\nretry: 2000\n\n: ping\n\nevent: other\ndata: {}\n\n" +
        `event: generation\ndata: {}\nid: 5\n\nevent: health\ndata: ${JSON.stringify(health)}\n\nevent: cut`,
    );
    expect(await all(new Listener(origin))).toEqual([
      { name: "hello" },
      { name: "generation" },
      { name: "health", health: { tracking: "on", events: { ...health.events }, trouble } },
    ]);
  });

  test("ends when nothing more comes, not even a sign of life", async () => {
    const news: News[] = [];
    const origin = await listen((_, response) => {
      response.write("event: hello\ndata: {}\n\n");
      // Four signs of life, together longer than the silence that is borne; then nothing.
      for (const each of [1, 2, 3, 4]) setTimeout(() => response.write(`: ping ${String(each)}\n\n`), each * 1_500);
    });
    const begun = Date.now();
    const listened = (async () => {
      for await (const each of new Listener(origin, 5_000).listen(untilTheEnd)) news.push(each);
    })();
    await expect(listened).rejects.toEqual(new ApiError("The service has told nothing for too long."));
    expect(Date.now() - begun).toBeGreaterThan(6_000);
    expect(news).toEqual([{ name: "hello" }]);
  });

  test("ends when a connection is taken, and never answered", async () => {
    const origin = await listen(() => undefined);
    await expect(all(new Listener(origin, 100))).rejects.toEqual(
      new ApiError("The service has told nothing for too long."),
    );
  });

  test("goes on from where it was", async () => {
    const [origin, asked] = await telling("event: hello\ndata: {}\nid: 4\n\nevent: generation\ndata: {}\n\n");
    const listener = new Listener(origin);
    await all(listener);
    await all(listener);
    expect(asked).toEqual([undefined, "4"]);
  });

  test("of a service that does not track has no numbers", async () => {
    const [origin] = await telling('event: health\ndata: {"tracking": "off", "events": null}\n\n');
    const health = { tracking: "off", events: null, trouble: null };
    expect(await all(new Listener(origin))).toEqual([{ name: "health", health }]);
  });

  test.each([
    ["nonsense", "health should be an object"],
    ['{"tracking": "on", "events": {"accepted": -1}}', "health.events.accepted should be a whole number from 0"],
  ])("that is not as agreed is refused: %s", async (data, words) => {
    const [origin] = await telling(`event: health\ndata: ${data}\n\n`);
    await expect(all(new Listener(origin))).rejects.toThrow(`The service's answer cannot be read: ${words}.`);
  });
});
