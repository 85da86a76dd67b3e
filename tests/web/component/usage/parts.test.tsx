import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { cellsOf, drawn, part, showUsage } from "./show";
import { aCorrelation, anActivity, spent, UsageService } from "./usageService";

const RANGE = "?since=2026-11-20&until=2026-11-22";
const ADMIN = { session: { is_admin: true } };
const DAYS = /from 20 Nov 2026 to 22 Nov 2026/;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-11-23T23:30:00Z") });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("highest-cost users", () => {
  const TITLE = "Highest-cost users";

  test("are yesterday's, or another day's", async () => {
    const service = await UsageService.start();
    const user = showUsage(service, ADMIN);
    expect(part(TITLE).getByLabelText("Day")).toHaveValue("2026-11-23");
    expect(await cellsOf(TITLE)).toEqual([
      ["User", "Cost (USD)", "Events", "Unknown price"],
      ["grace.hopper@example.com", "12.25", "20", "0"],
      ["ada@example.com", "price unknown", "3", "3"],
    ]);
    const chart = await drawn(part(TITLE), /on 23 Nov 2026: grace\.hopper@example\.com has the highest\.$/);
    expect(chart.getByText("grace.hopper@ex…")).toBeInTheDocument();
    const total = "All users on 23 Nov 2026: $12.25, 23 events. 3 events without a known price.";
    expect(part(TITLE).getByText(total)).toBeVisible();

    await user.clear(part(TITLE).getByLabelText("Day"));
    expect(part(TITLE).getByText("Choose a day.")).toBeVisible();
    await user.type(part(TITLE).getByLabelText("Day"), "2026-11-20");
    expect(await part(TITLE).findByRole("img", { name: /on 20 Nov 2026/ })).toBeInTheDocument();
    expect(service.askedOf("top-users").map(({ on }) => on)).toEqual(["2026-11-23", "2026-11-20"]);
    const link = part(TITLE).getByRole("link", { name: "Download CSV of Highest-cost users" });
    const query = "on=2026-11-20&tz=Europe%2FBerlin&format=csv";
    expect(link).toHaveAttribute("href", `${service.origin}/api/usage/top-users?${query}`);
  });

  test("of a day without events are none", async () => {
    showUsage(await UsageService.start({ "top-users": { rows: [], total: spent(null, 0) } }), ADMIN);
    expect(await part(TITLE).findByText("No events on 23 Nov 2026.")).toBeVisible();
  });

  test("are not ranked by what is not known", async () => {
    const rows = [{ user: "ada@example.com", ...spent(null, 1, 1) }];
    showUsage(await UsageService.start({ "top-users": { rows, total: spent(null, 1, 1) } }), ADMIN);
    const total = "All users on 23 Nov 2026: price unknown, 1 event. 1 event without a known price.";
    expect(await part(TITLE).findByText(total)).toBeVisible();
    expect(part(TITLE).queryByRole("img")).not.toBeInTheDocument();
  });

  test("are no others for who may see but their own", async () => {
    const rows = [{ user: "ada@example.com", ...spent("0.1176", 3) }];
    showUsage(await UsageService.start({ "top-users": { rows, total: spent("0.1176", 3) } }));
    const own = part("Your cost of a day");
    expect(await own.findByText("You on 23 Nov 2026: $0.1176, 3 events.")).toBeVisible();
    expect(own.getByRole("img")).toHaveAccessibleName("Your cost on 23 Nov 2026: $0.1176.");
    expect(screen.queryByText(/All users|Highest-cost/)).not.toBeInTheDocument();
  });

  test("are yesterday's also when it is midnight meanwhile, but not when a day was chosen", async () => {
    vi.useRealTimers();
    // In Berlin, a minute before midnight
    vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 20, now: new Date("2026-11-23T22:59:00Z") });
    const service = await UsageService.start();
    showUsage(service, ADMIN);
    expect(part(TITLE).getByLabelText("Day")).toHaveValue("2026-11-22");
    await act(() => vi.advanceTimersByTimeAsync(90_000));
    expect(part(TITLE).getByLabelText("Day")).toHaveValue("2026-11-23");
    fireEvent.change(part(TITLE).getByLabelText("Day"), { target: { value: "2026-11-20" } });
    vi.setSystemTime("2026-11-25T12:00:00Z");
    await act(() => vi.advanceTimersByTimeAsync(31_000));
    expect(part(TITLE).getByLabelText("Day")).toHaveValue("2026-11-20");
  });
});

describe("prompt length and latency", () => {
  const TITLE = "Prompt length and latency";

  test("are told by model: the correlation, its trend and the events", async () => {
    const service = await UsageService.start();
    const user = showUsage(service, { query: RANGE });
    const words =
      "r = 0.83 (95 % interval 0.81 to 0.85), n = 12,345. Trend: 812 ms and 1.23 ms for each character.";
    expect(await part(TITLE).findByText(words)).toBeVisible();
    const chart = await drawn(part(TITLE), /^Latency of local-image-1 against the prompt's length/);
    expect(chart.getByText("2,000")).toBeInTheDocument();
    expect(part(TITLE).getByText(/2 of 12,345 events that worked are drawn\.$/)).toBeVisible();
    expect(await cellsOf(`${TITLE}, by model`)).toEqual([
      ["Model", "n", "r", "95 % interval", "Slope (ms)", "Intercept (ms)", "p50 (ms)", "p95 (ms)"],
      ["local-image-1", "12,345", "0.83", "0.81 to 0.85", "1.23", "812.3", "1,612.4", "5,240"],
      ["local-text-1", "900", "-0.10", "-0.16 to -0.03", "-0.02", "812.3", "1,612.4", "5,240"],
    ]);
    expect(await cellsOf(`${TITLE}, events`)).toEqual([
      ["Event", "Prompt length", "Latency (ms)"],
      ["1", "100", "935.8"],
      ["2", "2,000", "3,281.3"],
    ]);

    expect(part(TITLE).getByLabelText("Model")).toHaveValue("local-image-1");
    await user.selectOptions(part(TITLE).getByLabelText("Model"), "local-text-1");
    expect(part(TITLE).getByText(/^r = -0\.10/)).toBeVisible();
    expect(await cellsOf(`${TITLE}, events`)).toHaveLength(2);
  });

  test("are files, too", async () => {
    const service = await UsageService.start();
    showUsage(service, { query: RANGE });
    const query = "since=2026-11-20&until=2026-11-22&tz=Europe%2FBerlin&format=csv";
    const link = await part(TITLE).findByRole("link", { name: /^Download CSV of .*, by model$/ });
    expect(link).toHaveAttribute("href", `${service.origin}/api/usage/latency?${query}`);
    const events = part(TITLE).getByRole("link", { name: /^Download CSV of .*, events$/ });
    expect(events).toHaveAttribute("href", `${service.origin}/api/usage/points?${query}`);
  });

  test("say why there is no correlation", async () => {
    const none = { r: null, r_low: null, r_high: null, slope_ms: null, intercept_ms: null };
    const row = aCorrelation({ ...none, n: 2, note: "4 or more events are needed" });
    showUsage(await UsageService.start({ latency: { rows: [row] } }), { query: RANGE });
    expect(
      await part(TITLE).findByText("No correlation for local-image-1: 4 or more events are needed."),
    ).toBeVisible();
    expect(part(TITLE).queryByLabelText("Model")).not.toBeInTheDocument();
    const [, cells] = await cellsOf(`${TITLE}, by model`);
    expect(cells).toEqual(["local-image-1", "2", "none", "none", "none", "none", "1,612.4", "5,240"]);
  });

  test("are not known when no event worked", async () => {
    showUsage(await UsageService.start({ latency: { rows: [] }, points: { rows: [] } }), { query: RANGE });
    expect(await part(TITLE).findByText("No event worked from 20 Nov 2026 to 22 Nov 2026.")).toBeVisible();
    expect(part(TITLE).queryByRole("table")).not.toBeInTheDocument();
  });
});

describe("each day", () => {
  test.each([
    [
      "Latency",
      /half of what worked took at most 1\.6 s, and 95 % at most 5\.2 s\.$/,
      ["Day", "p50 (ms)", "p95 (ms)"],
      ["20 Nov 2026", "1,612.4", "5,240"],
      ["22 Nov 2026", "none", "none"],
    ],
    [
      "Errors",
      /26 errors in 1,041 events \(2\.5%\), and 9 cancelled\.$/,
      ["Day", "Events", "Errors", "Cancelled", "Error rate"],
      ["20 Nov 2026", "40", "2", "1", "5%"],
      ["22 Nov 2026", "1", "0", "0", "0%"],
    ],
    [
      "Tokens",
      /1,200 in and 83,000 out\. 2 events with an unknown count\.$/,
      ["Day", "Input", "Output", "Unknown count"],
      ["20 Nov 2026", "1,200", "83,000", "2"],
      ["22 Nov 2026", "1,200", "83,000", "2"],
    ],
  ])("has its %s", async (title, words, ...rows) => {
    const service = await UsageService.start();
    showUsage(service, { query: RANGE });
    expect(await cellsOf(title)).toEqual(rows);
    expect(part(title).getByText(words)).toBeVisible();
    expect(part(title).getByRole("img", { name: DAYS })).toBeInTheDocument();
    const chart = await drawn(part(title), words);
    expect(chart.getByText("20 Nov")).toBeInTheDocument();
    const query = "since=2026-11-20&until=2026-11-22&tz=Europe%2FBerlin&format=csv";
    const link = part(title).getByRole("link", { name: `Download CSV of ${title}` });
    expect(link).toHaveAttribute("href", `${service.origin}/api/usage/activity?${query}`);
  });

  test("has no latency where nothing worked, and no tokens where none are known", async () => {
    const nothing = { p50_ms: null, p95_ms: null, input_tokens: null, output_tokens: null };
    const activity = { rows: [anActivity(nothing)], total: anActivity(nothing) };
    showUsage(await UsageService.start({ activity }), { query: RANGE });
    await cellsOf("Latency");
    for (const title of ["Latency", "Tokens"]) {
      expect(part(title).getByText("Nothing is known of it from 20 Nov 2026 to 22 Nov 2026.")).toBeVisible();
    }
    expect(await cellsOf("Tokens")).toContainEqual(["20 Nov 2026", "unknown", "unknown", "2"]);
    expect(part("Summary").getByText("Latency, p50").nextSibling).toHaveTextContent("none");
  });

  test("has no note where all tokens are known", async () => {
    showUsage(await UsageService.start({ activity: { total: anActivity({ unknown_tokens: 0 }) } }), { query: RANGE });
    expect(await part("Tokens").findByText("In all, 1,200 in and 83,000 out.")).toBeVisible();
  });
});

test("a chart is drawn when it is scrolled to", async () => {
  const watched: Element[] = [];
  let scrolledTo: (entries: { isIntersecting: boolean }[]) => void = () => undefined;
  class Observer {
    constructor(tell: typeof scrolledTo) {
      scrolledTo = tell;
    }
    observe(element: Element) {
      watched.push(element);
    }
    disconnect() {
      watched.pop();
    }
  }
  vi.stubGlobal("IntersectionObserver", Observer);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  // Without a range there is but one chart.
  showUsage(await UsageService.start(), { ...ADMIN, query: "?until=none" });
  const frame = await screen.findByRole("img");
  act(() => {
    scrolledTo([{ isIntersecting: false }]);
  });
  expect(frame).toBeEmptyDOMElement();
  expect(watched).toEqual([frame]);
  act(() => {
    scrolledTo([{ isIntersecting: true }]);
  });
  await drawn(part("Highest-cost users"), /on 23 Nov 2026/);
  expect(watched).toEqual([]);
});

describe("what the pointer is at is told", () => {
  const MIDDLE = { clientX: 400, clientY: 150 };

  test.each([
    ["Cost over time", /^Cost each day/, "20 Nov", [/^22 Nov 2026$/, /\$12\.25/]],
    ["Highest-cost users", /on 23 Nov 2026/, "grace.hopper@ex…", [/^ada@example\.com$|^grace\.hopper@example\.com$/]],
    ["Latency", /^Latency each day/, "20 Nov", [/^22 Nov 2026$/]],
  ])("by %s", async (title, name, mark, told) => {
    showUsage(await UsageService.start(), { ...ADMIN, query: RANGE });
    const chart = await drawn(part(title), name);
    fireEvent.mouseMove(chart.getByText(mark), MIDDLE);
    for (const words of told) expect(await chart.findByText(words)).toBeInTheDocument();
  });
});

test("the numbers are asked for again each minute, and stay when that fails", async () => {
  vi.useRealTimers();
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 20, now: new Date("2026-11-23T23:30:00Z") });
  const service = await UsageService.start();
  showUsage(service, { query: RANGE });
  await cellsOf("Errors");
  service.fail("activity", "MLflow is away.");
  await vi.advanceTimersByTimeAsync(60_000);
  await waitFor(() => {
    expect(part("Summary").getByRole("alert")).toHaveTextContent("MLflow is away.");
  });
  expect(part("Summary").getByText("Total cost")).toBeVisible();
  expect(screen.getByRole("table", { name: "Errors" })).toBeInTheDocument();
});
