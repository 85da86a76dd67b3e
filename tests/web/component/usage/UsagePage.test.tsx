import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cellsOf, drawn, part, showUsage } from "./show";
import { anActivity, NOTHING, spent, UsageService } from "./usageService";

// In Berlin it is the 24th already.
const NOW = new Date("2026-11-23T23:30:00Z");
const MONTH = { since: "2026-10-26", until: "2026-11-24", tz: "Europe/Berlin" };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});

afterEach(() => {
  vi.useRealTimers();
});

const figure = (name: string, label: string) => part(name).getByText(label).parentElement;

describe("the usage page", () => {
  test("says whose usage it is, and where days begin", async () => {
    showUsage(await UsageService.start());
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Usage");
    expect(
      screen.getByText("Your usage, as ada@example.com. Days begin at midnight in Europe/Berlin."),
    ).toBeVisible();
    expect(document.title).toBe("Usage · Image generation");
  });

  test("is everybody's for an admin", async () => {
    showUsage(await UsageService.start(), { session: { is_admin: true } });
    expect(screen.getByText(/^Everybody's usage\./)).toBeVisible();
  });

  test("sums the last 30 days up", async () => {
    const service = await UsageService.start();
    showUsage(service);
    await part("Summary").findByText("Total cost");
    expect(figure("Summary", "Total cost")).toHaveTextContent("$14.003 events without a known price");
    expect(figure("Summary", "Events")).toHaveTextContent("1,0419 cancelled");
    expect(figure("Summary", "Error rate")).toHaveTextContent("2.5%26 errors");
    expect(figure("Summary", "Latency, p50")).toHaveTextContent("1.6 s");
    expect(figure("Summary", "Latency, p95")).toHaveTextContent("5.2 s");
    expect(figure("Summary", "Input tokens")).toHaveTextContent("1,2002 events with an unknown count");
    expect(figure("Summary", "Output tokens")).toHaveTextContent("83,000");
    expect(part("Summary").getByText("As of 23 Nov 2026, 10:05 CET.")).toBeVisible();
    expect(service.askedOf("activity")).toEqual([MONTH]);
    await cellsOf("Cost over time");
    expect(service.askedOf("spending")).toEqual([{ ...MONTH, of: "user" }]);
    expect(service.asked[0]?.[0]).toBe("activity"); // what one came for is not kept waiting by the rest
  });

  test("never says 0 where the price is unknown", async () => {
    const service = await UsageService.start({
      spending: { rows: [{ day: "2026-11-20", key: "ada@example.com", ...spent(null, 3, 3) }], total: spent(null, 3, 3) },
      activity: { rows: [anActivity()], total: anActivity({ ...spent(null, 3, 3), unknown_tokens: 0, cancelled: 0 }) },
    });
    showUsage(service);
    await part("Summary").findByText("Total cost");
    expect(figure("Summary", "Total cost")).toHaveTextContent("price unknown3 events without a known price");
    expect(figure("Summary", "Input tokens")).toHaveTextContent(/1,200$/);
    await cellsOf("Cost over time");
    expect(part("Cost over time").queryByRole("img")).not.toBeInTheDocument();
    expect(part("Cost over time").getByText("3 events on 1 day have no known price and are in no bar.")).toBeVisible();
  });

  test("says that MLflow could not be asked", async () => {
    const stale = { current: false, trouble: "Connection refused" };
    showUsage(await UsageService.start({ activity: stale }));
    expect(await part("Summary").findByRole("status")).toHaveTextContent(
      "MLflow could not be asked, so these numbers are as of 23 Nov 2026, 10:05 CET. Connection refused.",
    );
  });

  test("says that a range is empty, and shows no charts of it", async () => {
    const service = await UsageService.start({ activity: { rows: [], total: NOTHING } });
    showUsage(service, { query: "?since=2026-11-01&until=2026-11-23" });
    expect(await part("Summary").findByText("No events from 1 Nov 2026 to 23 Nov 2026.")).toBeVisible();
    const headings = screen.getAllByRole("heading", { level: 2 }).map((heading) => heading.textContent);
    expect(headings).toEqual(["Summary", "Your cost of a day", "Delivery"]);
  });

  test("says what went wrong, and tries again", async () => {
    const service = await UsageService.start();
    service.fail("activity", "MLflow's events cannot be read.");
    const user = showUsage(service);
    const alert = await part("Summary").findByRole("alert");
    expect(alert).toHaveTextContent("The numbers did not load");
    expect(alert).toHaveTextContent("MLflow's events cannot be read.");
    expect(screen.queryByRole("region", { name: "Cost over time" })).not.toBeInTheDocument();
    service.fail("activity", null);
    await user.click(part("Summary").getByRole("button", { name: "Try again" }));
    expect(await part("Summary").findByText("Total cost")).toBeVisible();
    expect(await cellsOf("Errors")).toHaveLength(3);
  });
});

describe("the range", () => {
  test.each([
    ["Today", "today", "2026-11-24", "2026-11-24"],
    ["Yesterday", "yesterday", "2026-11-23", "2026-11-23"],
    ["Last 7 days", "7d", "2026-11-18", "2026-11-24"],
    ["This month", "month", "2026-11-01", "2026-11-24"],
  ])("%s is asked for, and stands in the address", async (name, range, since, until) => {
    const service = await UsageService.start();
    const user = showUsage(service);
    expect(screen.getByRole("button", { pressed: true })).toHaveTextContent("Last 30 days");
    await user.click(screen.getByRole("button", { name }));
    expect(screen.getByRole("button", { pressed: true })).toHaveTextContent(name);
    expect(window.location.search).toBe(`?range=${range}`);
    await waitFor(() => {
      expect(service.askedOf("activity").at(-1)).toEqual({ since, until, tz: "Europe/Berlin" });
    });
  });

  test("that is a preset goes on with the day, and days that were chosen stay", async () => {
    vi.useRealTimers();
    // In Berlin, a minute before midnight
    vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 20, now: new Date("2026-11-23T22:59:00Z") });
    const service = await UsageService.start();
    showUsage(service, { query: "?range=7d" });
    expect([screen.getByLabelText("From"), screen.getByLabelText("To")].map((each) => each.getAttribute("value"))).toEqual(
      ["2026-11-17", "2026-11-23"],
    );
    await act(() => vi.advanceTimersByTimeAsync(90_000));
    expect(screen.getByRole("button", { pressed: true })).toHaveTextContent("Last 7 days");
    expect(screen.getByLabelText("To")).toHaveValue("2026-11-24");
    await waitFor(() => {
      expect(service.askedOf("activity").at(-1)).toMatchObject({ since: "2026-11-18", until: "2026-11-24" });
    });
    fireEvent.change(screen.getByLabelText("From"), { target: { value: "2026-11-17" } });
    expect(window.location.search).toBe("?since=2026-11-17&until=2026-11-24");
    vi.setSystemTime("2026-11-25T12:00:00Z");
    await act(() => vi.advanceTimersByTimeAsync(31_000));
    expect(screen.getByLabelText("To")).toHaveValue("2026-11-24");
    expect(screen.queryByRole("button", { pressed: true })).not.toBeInTheDocument();
  });

  test("is typed in, and keeps the old numbers until there are new ones", async () => {
    const service = await UsageService.start();
    const user = showUsage(service, { query: "?since=2026-11-20&until=2026-11-22" });
    await cellsOf("Errors");
    await user.clear(screen.getByLabelText("From"));
    expect(screen.getByLabelText("From")).toBeInvalid();
    expect(screen.getByText("Choose both days.")).toBeVisible();
    expect(screen.getByRole("table", { name: "Errors" })).toBeInTheDocument();
    await user.type(screen.getByLabelText("From"), "2026-11-21");
    expect(screen.queryByText("Choose both days.")).not.toBeInTheDocument();
    expect(window.location.search).toBe("?since=2026-11-21&until=2026-11-22");
    expect(screen.getByRole("table", { name: "Errors" })).toBeInTheDocument();
    await waitFor(() => {
      expect(service.askedOf("points").at(-1)).toMatchObject({ since: "2026-11-21", until: "2026-11-22" });
    });
  });

  test.each([
    ["?since=2026-11-23&until=2026-11-01", "“To” is before “From”."],
    ["?since=2020-01-01&until=2026-11-01", "Choose at most 366 days."],
    ["?until=soon", "Choose both days."],
  ])("%s cannot be asked for", async (query, problem) => {
    const service = await UsageService.start();
    const user = showUsage(service, { query });
    expect(screen.getByText(problem)).toBeVisible();
    await cellsOf("Your cost of a day");
    expect(service.askedOf("activity")).toEqual([]);
    expect(screen.queryByRole("region", { name: "Summary" })).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Today" }));
    expect(await part("Summary").findByText("Total cost")).toBeVisible();
  });
});

describe("cost over time", () => {
  const TITLE = "Cost over time";

  test("is drawn and listed by user, model or kind", async () => {
    const service = await UsageService.start();
    const user = showUsage(service, { query: "?since=2026-11-20&until=2026-11-22" });
    expect(await cellsOf(TITLE)).toEqual([
      ["Day", "User", "Cost (USD)", "Events", "Unknown price"],
      ["20 Nov 2026", "ada@example.com", "1.500001", "10", "0"],
      ["20 Nov 2026", "(others)", "0.25", "4", "0"],
      ["22 Nov 2026", "grace.hopper@example.com", "12.25", "20", "0"],
      ["22 Nov 2026", "ada@example.com", "price unknown", "3", "3"],
    ]);
    const chart = await drawn(part(TITLE), /^Cost each day from 20 Nov 2026 to 22 Nov 2026, by user: \$14\.00 in all\.$/);
    expect(chart.getByText("20 Nov")).toBeInTheDocument();
    const legend = part(TITLE).getAllByRole("listitem").map((item) => item.textContent);
    expect(legend).toEqual(["grace.hopper@example.com", "ada@example.com", "(others)"]);
    expect(part(TITLE).getByText("3 events on 1 day have no known price and are in no bar.")).toBeVisible();

    expect(part(TITLE).getByRole("radio", { name: "User" })).toBeChecked();
    await user.click(part(TITLE).getByRole("radio", { name: "Model" }));
    expect(await part(TITLE).findByRole("columnheader", { name: "Model" })).toBeInTheDocument();
    expect(part(TITLE).getByRole("rowheader", { name: "local-image-1" })).toBeInTheDocument();
    await user.click(part(TITLE).getByRole("radio", { name: "Kind" }));
    expect(await part(TITLE).findByRole("img", { name: /, by kind:/ })).toBeInTheDocument();
  });

  test("is a file, too", async () => {
    const service = await UsageService.start();
    showUsage(service, { query: "?since=2026-11-20&until=2026-11-22" });
    const link = await part(TITLE).findByRole("link", { name: "Download CSV of Cost over time" });
    const query = "since=2026-11-20&until=2026-11-22&of=user&tz=Europe%2FBerlin&format=csv";
    expect(link).toHaveAttribute("href", `${service.origin}/api/usage/spending?${query}`);
    expect(link).toHaveAttribute("download");
  });

  test("says it of one event", async () => {
    const rows = [{ day: "2026-11-20", key: "ada@example.com", ...spent("1", 2, 1) }];
    showUsage(await UsageService.start({ spending: { rows, total: spent("1", 2, 1) } }));
    expect(await screen.findByText("1 event on 1 day has no known price and is in no bar.")).toBeVisible();
  });

  test("says of itself that it failed", async () => {
    const service = await UsageService.start();
    service.fail("spending", "It took too long.");
    showUsage(service);
    expect(await part(TITLE).findByRole("alert")).toHaveTextContent("It took too long.");
    expect(await cellsOf("Errors")).toHaveLength(3);
  });
});
