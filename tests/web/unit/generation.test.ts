import { describe, expect, test } from "vitest";
import { readFilters, readGeneration, readGenerations, readSession, readTracked } from "../../../src/web/app/service/generation";
import { aGeneration, aSession } from "../generations";

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

test("a page keeps its order", () => {
  const page = { generations: [aGeneration({ id: "2" }), aGeneration({ id: "1" })], next: 1 };
  expect(readGenerations(page)).toEqual(page);
});

test("a page names the place of what is wrong in it", () => {
  const generations = [aGeneration(), { ...aGeneration(), prompt: null }];
  expect(() => readGenerations({ generations, next: null })).toThrow("generations[1].prompt should be text");
  expect(() => readGenerations({ generations: [], next: "2" })).toThrow("next should be a whole number from 0, or null");
});

test.each([[null], [[]], [{}], [{ generations: {} }]])("%j is no page", (value) => {
  expect(() => readGenerations(value)).toThrow("generations should be a list");
});

test("a session, filters and MLflow's place as agreed are taken as they are", () => {
  const tracked = { state: "pending", kind: "trace", id: null, url: null };
  expect(readSession(aSession())).toEqual(aSession());
  expect(readTracked(tracked)).toEqual(tracked);
  expect(readFilters({ users: ["ada"], models: [] })).toEqual({ users: ["ada"], models: [] });
});

test("a field of theirs that is not as agreed is named", () => {
  expect(() => readSession({ ...aSession(), is_admin: 1 })).toThrow("session.is_admin should be true or false");
  expect(() => readTracked({ state: "lost" })).toThrow("tracked.state should be one of delivered, pending, off");
  expect(() => readFilters({ users: [7], models: [] })).toThrow("users[0] should be text");
});
