import { describe, expect, test } from "vitest";
import { NO_BACKLOG } from "../../../../src/web/app/service/backlog";
import type { EventCounts } from "../../../../src/web/app/service/health";
import { part, showUsage } from "./show";
import { UsageService } from "./usageService";

describe("delivery", () => {
  const counts: EventCounts = { accepted: 13_000, delivered: 11_766, pending: 1234, dead_lettered: 0, forgotten: 0, lost: 0 };
  const figures = () =>
    part("Delivery")
      .getAllByRole("term")
      .map((term) => `${term.textContent} ${term.nextSibling?.textContent ?? ""}`);

  test("counts the events", async () => {
    showUsage(await UsageService.start(), { live: { health: { tracking: "on", events: counts, trouble: null } } });
    expect(figures()).toEqual(["Accepted 13,000", "Delivered 11,766", "Pending 1,234", "Dead-lettered 0"]);
    expect(part("Delivery").getByRole("alert")).toBeEmptyDOMElement();
  });

  test("shows what should never be", async () => {
    const events = { ...counts, forgotten: 1, lost: 2 };
    showUsage(await UsageService.start(), { live: { health: { tracking: "on", events, trouble: null } } });
    expect(figures().slice(-2)).toEqual(["Forgotten 1", "Lost 2"]);
  });

  test("warns when more and more events wait, and says why nothing is delivered", async () => {
    const trouble = { since_ms: Date.parse("2026-11-23T09:05:00Z"), reason: "Connection refused" };
    const health = { tracking: "on", events: counts, trouble } as const;
    showUsage(await UsageService.start(), { live: { health, backlog: { ...NO_BACKLOG, isGrowing: true, isStuck: true } } });
    const alert = part("Delivery").getByRole("alert");
    expect(alert).toHaveTextContent("More and more events wait to be delivered.");
    expect(alert).toHaveTextContent("Nothing is delivered since 23 Nov 2026, 10:05 CET: Connection refused.");
    expect(alert).not.toHaveTextContent("tracking deliver");
  });

  test("says what to look at when events wait, and nothing is known to hinder them", async () => {
    const health = { tracking: "on", events: counts, trouble: null } as const;
    showUsage(await UsageService.start(), { live: { health, backlog: { ...NO_BACKLOG, isStuck: true } } });
    expect(part("Delivery").getByRole("alert")).toHaveTextContent(
      "Events wait, and for minutes none was delivered. See that a delivery runs: tracking deliver.",
    );
  });

  test.each([
    ["Not known yet.", null],
    ["Tracking is off: no events are kept or delivered.", { tracking: "off", events: null, trouble: null } as const],
  ])("says: %s", async (words, health) => {
    showUsage(await UsageService.start(), { live: { health } });
    expect(part("Delivery").getByText(words)).toBeVisible();
  });
});
