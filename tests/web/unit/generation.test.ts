import { describe, expect, test } from "vitest";
import { readGeneration, readGenerations } from "../../../src/web/app/generation";
import { aGeneration } from "../generations";

test("a generation as agreed is taken as it is", () => {
  expect(readGeneration(aGeneration())).toEqual(aGeneration());
});

test("an unknown price stays unknown", () => {
  expect(readGeneration(aGeneration({ estimated_cost_usd: null })).estimated_cost_usd).toBeNull();
});

test("a count that the provider did not give stays unknown", () => {
  expect(readGeneration(aGeneration({ input_tokens: null })).input_tokens).toBeNull();
});

describe("a field that is not as agreed is named", () => {
  test.each([
    ["id", 7, "text"],
    ["created_at", "yesterday", "a time"],
    ["created_at", 1, "a time"],
    ["processing_time_ms", "12", "a number from 0"],
    ["processing_time_ms", -1, "a number from 0"],
    ["input_tokens", 1.5, "a whole number from 0, or null"],
    ["output_tokens", -1, "a whole number from 0, or null"],
    ["estimated_cost_usd", "0.1", "a number from 0, or null"],
    ["estimated_cost_usd", undefined, "a number from 0, or null"],
  ])("%s as %s", (field, value, words) => {
    expect(() => readGeneration({ ...aGeneration(), [field]: value })).toThrow(
      new TypeError(`generation.${field} should be ${words}`),
    );
  });
});

test.each([[null], ["picture"], [[aGeneration()]]])("%s is no generation", (value) => {
  expect(() => readGeneration(value)).toThrow("generation should be an object");
});

test("a list keeps its order", () => {
  const images = [aGeneration({ id: "2" }), aGeneration({ id: "1" })];
  expect(readGenerations({ images })).toEqual(images);
});

test("a list names the place of what is wrong in it", () => {
  const images = [aGeneration(), { ...aGeneration(), prompt: null }];
  expect(() => readGenerations({ images })).toThrow("images[1].prompt should be text");
});

test.each([[null], [[]], [{}], [{ images: {} }]])("%j is no list", (value) => {
  expect(() => readGenerations(value)).toThrow("images should be a list");
});
