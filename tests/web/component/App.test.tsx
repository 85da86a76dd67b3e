import { act, screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { aGeneration } from "../generations";
import { SAMPLE_MS, SAMPLES } from "../../../src/web/app/service/backlog";
import { button, figure, open, region, show } from "./page";
import { Service } from "./service";

const health = (pending: number) => ({
  tracking: "on",
  events: { accepted: pending, delivered: 0, pending, dead_lettered: 0, forgotten: 0, lost: 0, trouble: null },
});

describe("the page", () => {
  test("says as whom one is here, and where", async () => {
    const user = await open(await Service.start(), "/gallery");
    expect(screen.getByText("ada@example.com")).toHaveTextContent("You are ada@example.com");
    expect(screen.getByRole("link", { current: "page" })).toHaveTextContent("Gallery");
    expect(document.title).toBe("Gallery · Image generation");
    await user.click(screen.getByRole("link", { name: "Generate" }));
    expect(screen.getByRole("link", { current: "page" })).toHaveTextContent("Generate");
    expect(screen.getByRole("main")).toHaveFocus();
    expect(document.title).toBe("Generate · Image generation");
  });

  test("keeps the focus when it learns who is asking", async () => {
    const service = await Service.start();
    const release = service.hold("/api/session");
    show(service);
    await userEvent.setup().tab();
    expect(screen.getByRole("link", { name: "Skip to the content" })).toHaveFocus();
    release();
    await screen.findByText("ada@example.com");
    expect(screen.getByRole("link", { name: "Skip to the content" })).toHaveFocus();
  });

  test("leads from an address that is none to one that is", async () => {
    await open(await Service.start(), "/nowhere");
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("There is no such page");
    expect(screen.getByText(/^Nothing is at/)).toHaveTextContent("Nothing is at /nowhere.");
    const main = within(screen.getByRole("main"));
    const links = main.getAllByRole("link").map((link) => link.getAttribute("href"));
    expect(links).toEqual(["/", "/gallery", "/usage"]);
    expect(document.title).toBe("No such page · Image generation");
  });

  test("that cannot know who is asking says why, and can be tried again", async () => {
    const service = await Service.start();
    service.failNext("/api/session", "Who is asking is not known.", 401);
    show(service);
    expect(screen.getByText("Loading…")).toBeVisible();
    expect(await screen.findByRole("alert")).toHaveTextContent("status 401: Who is asking is not known.");
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("The page cannot start");
    expect(screen.getByRole("main")).toHaveAttribute("id", "main");
    await userEvent.setup().click(button("Try again"));
    expect(await screen.findByRole("heading", { name: "Make a picture or a text" })).toBeVisible();
  });
});

describe("live", () => {
  test("what another page made appears by itself", async () => {
    const service = await Service.start();
    await open(service, "/gallery");
    expect(await screen.findByText(/^Nothing yet/)).toBeVisible();
    await waitFor(() => {
      expect(service.listening).toBe(1);
    });
    service.generations.unshift(aGeneration({ prompt: "A fern" }));
    service.tell("generation", {});
    expect(await region("Generations").findByRole("img", { name: "A fern" })).toBeVisible();
  });

  test("a lost connection is told, and what came meanwhile appears when it is back", async () => {
    const service = await Service.start();
    await open(service, "/gallery");
    await waitFor(() => {
      expect(service.listed).toBe(2); // at first, and once it listens
    });
    service.tell("health", health(0));
    service.failNext("/api/live", "The proxy is busy.", 502);
    await act(async () => {
      service.hangUp();
      await Promise.resolve();
    });
    expect(await screen.findByText("Connection lost. Trying again…")).toBeVisible();
    service.generations.unshift(aGeneration({ prompt: "A fern" }));
    expect(await region("Generations").findByRole("img", { name: "A fern" })).toBeVisible();
    await waitFor(() => {
      expect(screen.queryByText("Connection lost. Trying again…")).not.toBeInTheDocument();
    });
  });

  test("a connection that was never had is told, too", async () => {
    const service = await Service.start();
    service.failNext("/api/live", "The proxy is busy.", 502);
    await open(service, "/gallery");
    expect(await screen.findByText("Connection lost. Trying again…")).toBeVisible();
    await waitFor(() => {
      expect(screen.queryByText("Connection lost. Trying again…")).not.toBeInTheDocument();
    });
  });

  describe("with time that passes fast", () => {
    /** Opens the usage page, where the delivery's numbers are, and lets the service tell so many pending events. */
    async function opened(): Promise<[Service, (pending: number) => Promise<void>]> {
      vi.useFakeTimers({ shouldAdvanceTime: true });
      onTestFinished(() => {
        vi.useRealTimers();
      });
      const service = await Service.start();
      await open(service, "/usage");
      await waitFor(() => {
        expect(service.listening).toBe(1);
      });
      await screen.findByRole("region", { name: "Delivery" });
      const tell = async (pending: number) => {
        service.tell("health", health(pending));
        await waitFor(() => {
          expect(figure(region("Delivery"), "Pending")).toHaveTextContent(String(pending));
        });
      };
      return [service, tell];
    }

    test("a service that tells nothing more, not even a sign of life, is a lost connection", async () => {
      const [service, tell] = await opened();
      await tell(0);
      service.hold("/api/live");
      await act(() => vi.advanceTimersByTimeAsync(40_000));
      expect(screen.queryByText("Connection lost. Trying again…")).not.toBeInTheDocument();
      await act(() => vi.advanceTimersByTimeAsync(6_000));
      expect(await screen.findByText("Connection lost. Trying again…")).toBeVisible();
    });

    test("more and more events that wait are warned of, until no more do than before", async () => {
      const [, tell] = await opened();
      const alert = () => region("Delivery").getByRole("alert");
      for (let pending = 20; pending < 20 + SAMPLES; pending += 1) {
        expect(alert()).toBeEmptyDOMElement();
        await tell(pending);
        await act(() => vi.advanceTimersByTimeAsync(SAMPLE_MS));
      }
      expect(alert()).toHaveTextContent("More and more events wait to be delivered.");
      await tell(25);
      await act(() => vi.advanceTimersByTimeAsync(SAMPLE_MS));
      expect(alert()).toHaveTextContent("More and more events wait to be delivered.");
      await tell(19);
      await act(() => vi.advanceTimersByTimeAsync(SAMPLE_MS));
      expect(alert()).not.toHaveTextContent("More and more");
    });
  });

  test("nothing is listened to while nobody looks", async () => {
    const service = await Service.start();
    let hidden = true;
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    try {
      await open(service);
      hidden = false;
      document.dispatchEvent(new Event("visibilitychange"));
      await waitFor(() => {
        expect(service.listening).toBe(1);
      });
      hidden = true;
      document.dispatchEvent(new Event("visibilitychange"));
      await waitFor(() => {
        expect(service.listening).toBe(0);
      });
    } finally {
      Reflect.deleteProperty(document, "hidden");
    }
  });
});
