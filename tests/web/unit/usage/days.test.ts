import { describe, expect, test, vi } from "vitest";
import { addDays, daysIn, daysOf, formatRange, isDay, isPreset, PRESETS, problemOf, today } from "../../../../src/web/app/usage/days";

describe("days", () => {
  test("are those of the zone", () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-12-31T23:30:00Z") });
    expect([today("UTC"), today("Europe/Berlin"), today("America/Los_Angeles")]).toEqual([
      "2026-12-31",
      "2027-01-01",
      "2026-12-31",
    ]);
    vi.useRealTimers();
  });

  test("follow one another over months, leap days and the change of clocks", () => {
    expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
    expect(addDays("2026-01-01", -1)).toBe("2025-12-31");
    expect(daysOf({ since: "2026-10-24", until: "2026-10-26" })).toEqual(["2026-10-24", "2026-10-25", "2026-10-26"]);
  });

  test.each(["", "soon", "2026-02-30", "1999-12-31", "2200-01-01", "2026-1-1"])("do not include %j", (text) => {
    expect(isDay(text)).toBe(false);
  });

  test("make ranges that can be asked for", () => {
    const presets = Object.keys(PRESETS).filter(isPreset);
    expect(presets).toHaveLength(5);
    for (const preset of presets) expect(problemOf(daysIn(preset, "2026-11-01"))).toBeNull();
    expect(problemOf({ since: "2027-11-02", until: "2028-11-01" })).toBeNull();
    expect(problemOf({ since: "2027-11-01", until: "2028-11-01" })).toBe("Choose at most 366 days.");
  });

  test("are written in words", () => {
    expect(formatRange({ since: "2026-11-01", until: "2026-11-01" })).toBe("on 1 Nov 2026");
    expect(formatRange({ since: "2026-11-01", until: "2026-11-23" })).toBe("from 1 Nov 2026 to 23 Nov 2026");
  });
});
