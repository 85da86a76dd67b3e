import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { ApiError, createApi } from "../../../src/web/app/api";
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
  expect(await createApi(origin).generate(REQUEST)).toEqual(aGeneration());
  expect(seen).toEqual(["POST", "/api/images", "application/json", REQUEST]);
});

test("the latest are asked for with a limit", async () => {
  let seen: unknown;
  const origin = await listen((request, response) => {
    seen = [request.method, request.url];
    response.end(JSON.stringify({ images: [aGeneration()] }));
  });
  expect(await createApi(origin).latest(5, untilTheEnd)).toEqual([aGeneration()]);
  expect(seen).toEqual(["GET", "/api/images?limit=5"]);
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
    await expect(api.generate(REQUEST)).rejects.toThrow(new ApiError(words));
  });
});

test.each([
  ["{}", "generation.id should be text"],
  ["<html>", "generation should be an object"],
])("an answer that is not as agreed is refused: %s", async (body, words) => {
  const api = createApi(await answering(201, body));
  await expect(api.generate(REQUEST)).rejects.toThrow(
    new ApiError(`The service's answer cannot be read: ${words}.`),
  );
});

test("a service that is not there is told apart from one that refuses", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const api = createApi(`http://127.0.0.1:${String(port)}`);
  await expect(api.latest(1, untilTheEnd)).rejects.toThrow("The service cannot be reached.");
});

test("an abort ends the wait, and is no failure of the service", async () => {
  const abort = new AbortController();
  const origin = await listen(() => {
    abort.abort();
  });
  await expect(createApi(origin).latest(1, abort.signal)).rejects.toHaveProperty("name", "AbortError");
});
