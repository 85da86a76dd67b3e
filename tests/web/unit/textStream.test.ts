import { describe, expect, test } from "vitest";
import { createApi } from "../../../src/web/app/service/api";
import { ApiError } from "../../../src/web/app/service/http";
import { aText } from "../generations";
import { listen } from "../loopback";

const untilTheEnd = new AbortController().signal;

/** Asks a service for a text that answers with these pieces, and returns the parts that were told. */
async function read(...pieces: string[]): Promise<{ parts: string[]; end: unknown }> {
  const origin = await listen((_, response) => {
    for (const piece of pieces) response.write(piece);
    response.end();
  });
  const parts: string[] = [];
  const end = await createApi(origin)
    .generateText({ prompt: "rain" }, (part) => parts.push(part), untilTheEnd)
    .catch((error: unknown) => error);
  return { parts, end };
}

const line = (said: unknown) => `${JSON.stringify(said)}\n`;

describe("a text", () => {
  test("is told part by part, and ends with the generation", async () => {
    const said = await read(line({ text: "It " }), line({ text: "rains." }), line({ end: aText() }));
    expect(said).toEqual({ parts: ["It ", "rains."], end: aText() });
  });

  test("is the same in whichever pieces it comes", async () => {
    const whole = Buffer.from(line({ text: "🌧 rains" }) + line({ end: aText() }));
    const origin = await listen((_, response) => {
      for (const byte of whole) response.write(Buffer.from([byte]));
      response.end();
    });
    const parts: string[] = [];
    const end = await createApi(origin).generateText({ prompt: "rain" }, (part) => parts.push(part), untilTheEnd);
    expect([parts, end]).toEqual([["🌧 rains"], aText()]);
  });

  test("that fails in the middle says why", async () => {
    const said = await read(line({ text: "It " }), line({ error: "The provider broke off.", reason: "cut" }));
    expect(said).toEqual({ parts: ["It "], end: new ApiError("The provider broke off.") });
  });

  test.each([[[]], [[line({ text: "It " })]], [["<html>\n"]], [[line({ end: aText() }).slice(0, 20)]]])(
    "that has no end broke off (%#)",
    async (pieces) => {
      const { end } = await read(...pieces);
      expect(end).toEqual(
        new ApiError("The text broke off: the connection to the service ended before it. Try again."),
      );
    },
  );

  test("whose connection is destroyed in the middle broke off, too", async () => {
    const origin = await listen((_, response) => {
      response.write(line({ text: "It " }), () => {
        setTimeout(() => response.destroy(), 50);
      });
    });
    const parts: string[] = [];
    const end = createApi(origin).generateText({ prompt: "rain" }, (part) => parts.push(part), untilTheEnd);
    await expect(end).rejects.toEqual(
      new ApiError("The text broke off: the connection to the service ended before it. Try again."),
    );
    expect(parts).toEqual(["It "]);
  });

  test("that is cancelled in the middle did not break off", async () => {
    const abort = new AbortController();
    const origin = await listen((_, response) => response.write(line({ text: "It " })));
    const end = createApi(origin).generateText({ prompt: "rain" }, () => {
      abort.abort();
    }, abort.signal);
    await expect(end).rejects.toHaveProperty("name", "AbortError");
  });

  test("whose end is not as agreed is refused", async () => {
    const { end } = await read(line({ end: { ...aText(), model: 7 } }));
    expect(end).toEqual(new ApiError("The service's answer cannot be read: end.model should be text."));
  });
});
