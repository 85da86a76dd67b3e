import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { createApi } from "../../../src/web/app/service/api";
import { ApiError } from "../../../src/web/app/service/http";
import { aGeneration } from "../generations";
import { listen } from "../loopback";

const REQUEST = { prompt: "A lighthouse", aspect_ratio: "16:9" } as const;
const untilTheEnd = new AbortController().signal;

/** Starts a service that gives one answer to everything; returns its origin. */
function answering(status: number, body: string): Promise<string> {
  return listen((_, response) => {
    response.writeHead(status, { "Content-Type": "application/json" }).end(body);
  });
}

test("a request to generate carries the prompt and the ratio, and returns the generation", async () => {
  let seen: unknown;
  const origin = await listen((request, response) => {
    void text(request).then((body) => {
      seen = [request.method, request.url, request.headers["content-type"], JSON.parse(body)];
      response.writeHead(201).end(JSON.stringify(aGeneration()));
    });
  });
  expect(await createApi(origin).generateImage(REQUEST, untilTheEnd)).toEqual(aGeneration());
  expect(seen).toEqual(["POST", "/api/images", "application/json", REQUEST]);
});

test.each([
  [{ search: "", user: "", model: "" }, null, "/api/generations?limit=24"],
  [{ search: "a fern", user: "", model: "m/1" }, 7, "/api/generations?limit=24&search=a+fern&model=m%2F1&before=7"],
])("a page of generations is asked for with what is looked for (%#)", async (search, before, address) => {
  let seen: unknown;
  const page = { generations: [aGeneration()], next: null };
  const origin = await listen((request, response) => {
    seen = [request.method, request.url];
    response.end(JSON.stringify(page));
  });
  expect(await createApi(origin).generations(search, before, untilTheEnd)).toEqual(page);
  expect(seen).toEqual(["GET", address]);
});

test("a usage question names its days and their zone, and has an address as CSV", async () => {
  let seen: unknown;
  const origin = await listen((request, response) => {
    seen = request.url;
    response.writeHead(503).end('{"detail": "Later."}');
  });
  const { spending } = createApi(origin).usage;
  const asked = { since: "2026-11-01", until: "2026-11-23", zone: "Europe/Berlin", of: "kind" } as const;
  const address = "/api/usage/spending?since=2026-11-01&until=2026-11-23&of=kind&tz=Europe%2FBerlin";
  await expect(spending(asked, untilTheEnd)).rejects.toThrow("Later.");
  expect(seen).toBe(address);
  expect(spending.csv(asked)).toBe(`${origin}${address}&format=csv`);
});

describe("a refusal is told in the service's words", () => {
  test.each([
    [503, '{"detail": "The generator is busy."}', "The service answered with status 503: The generator is busy."],
    [
      422,
      '{"detail": [{"loc": ["body", "prompt"], "msg": "Too short"}, {"loc": ["body", "aspect_ratio"], "msg": "Unknown"}]}',
      "The service answered with status 422: prompt: Too short; aspect_ratio: Unknown",
    ],
    [422, '{"detail": [{"loc": ["body", 0], "msg": "Invalid JSON"}]}', "The service answered with status 422: Invalid JSON"],
    [422, '{"detail": [{"msg": "Invalid"}]}', "The service answered with status 422: Invalid"],
    [502, "<h1>Bad gateway</h1>", "The service answered with status 502 and no reason. Try again in a moment."],
    [500, '{"detail": {"code": 7}}', "The service answered with status 500 and no reason. Try again in a moment."],
    [500, "[]", "The service answered with status 500 and no reason. Try again in a moment."],
  ])("%i %s", async (status, body, words) => {
    const api = createApi(await answering(status, body));
    await expect(api.generateImage(REQUEST, untilTheEnd)).rejects.toThrow(new ApiError(words));
  });
});

test.each([
  ["{}", "generation.id should be text"],
  ["<html>", "generation should be an object"],
])("an answer that is not as agreed is refused: %s", async (body, words) => {
  const api = createApi(await answering(201, body));
  await expect(api.generateImage(REQUEST, untilTheEnd)).rejects.toThrow(
    new ApiError(`The service's answer cannot be read: ${words}.`),
  );
});

test.each([200, 503])("an answer with status %i that is cut in the middle is told in words", async (status) => {
  const origin = await listen((_, response) => {
    response.writeHead(status, { "Content-Length": 100 });
    response.write('{"generations": [', () => {
      setTimeout(() => response.destroy(), 50);
    });
  });
  await expect(createApi(origin).filters(untilTheEnd)).rejects.toThrow(
    new ApiError("The connection to the service broke off in the middle of its answer. Try again."),
  );
});

test("a service that is not there is told apart from one that refuses", async () => {
  const origin = await listen((request) => {
    request.socket.destroy();
  });
  await expect(createApi(origin).session(untilTheEnd)).rejects.toThrow("The service cannot be reached.");
});

test("an abort ends the wait, and is no failure of the service", async () => {
  const abort = new AbortController();
  const origin = await listen(() => {
    abort.abort();
  });
  await expect(createApi(origin).session(abort.signal)).rejects.toHaveProperty("name", "AbortError");
});
