import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { aGeneration, aSession, aText } from "../generations";
import { button, figure, open, region } from "./page";
import { Service } from "./service";

const FERN = aGeneration({ id: "2", prompt: "A fern", estimated_cost_usd: null, processing_time_ms: 62 });
const POEM = aText({ id: "3", prompt: "A poem of rain", text: "It rains." });
const OTHERS = aGeneration({ id: "1", user_email: "grace@example.com" });

const found = () => region("Generations");
const prompts = () => found().getAllByRole("listitem").map((each) => each.querySelector(".prompt")?.textContent);

describe("the gallery", () => {
  test("is said to be loading, and that there is nothing yet", async () => {
    const service = await Service.start();
    const release = service.hold("/api/generations");
    await open(service, "/gallery");
    expect(found().getByRole("status")).toHaveTextContent("Loading the gallery…");
    release();
    expect(await found().findByText(/^Nothing yet\./)).toBeVisible();
    expect(found().getByRole("link", { name: "The first one you make" })).toHaveAttribute("href", "/");
  });

  test("has the newest first, each with who made it, when, and what it took", async () => {
    await open(await Service.start(POEM, FERN, OTHERS), "/gallery");
    const [poem, fern, others] = await found().findAllByRole("listitem");
    expect(poem).toHaveTextContent(/It rains\..*A poem of rain/);
    // In the reader's zone, which is named.
    expect(fern).toHaveTextContent(/A fern.*price unknown.*23 Nov 2026, \d\d:\d\d [A-Z]+.*ada@example\.com/);
    expect(others).toHaveTextContent(/A lighthouse.*\$0\.1665.*23 Nov 2026.*grace@example\.com/);
    expect(found().getByRole("link", { name: "A fern" })).toHaveAttribute("href", "/gallery/2");
  });

  test("shows more when asked", async () => {
    const service = await Service.start(POEM, FERN, OTHERS);
    service.pageSize = 2;
    const user = await open(service, "/gallery");
    expect(await found().findAllByRole("listitem")).toHaveLength(2);
    await user.click(button("Show more"));
    await waitFor(() => {
      expect(prompts()).toEqual(["A poem of rain", "A fern", "A lighthouse"]);
    });
    expect(screen.queryByRole("button", { name: "Show more" })).not.toBeInTheDocument();
  });

  test("shows more, though something new comes at that moment", async () => {
    const service = await Service.start(POEM, FERN, OTHERS);
    service.pageSize = 2;
    const user = await open(service, "/gallery");
    expect(await found().findAllByRole("listitem")).toHaveLength(2);
    await waitFor(() => {
      expect(service.listed).toBe(2); // at first, and once it listens
    });
    const release = service.hold("/api/generations");
    service.generations.unshift(aGeneration({ id: "9", prompt: "A newer fern" }));
    service.tell("generation", {});
    await waitFor(() => {
      expect(service.listed).toBe(3);
    });
    await user.click(button("Show more"));
    await waitFor(() => {
      expect(service.listed).toBe(4);
    });
    service.tell("generation", {});
    // Longer than the page waits before it asks for what is new.
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(service.listed).toBe(4);
    release();
    await waitFor(() => {
      expect(prompts()).toEqual(["A newer fern", "A poem of rain", "A fern", "A lighthouse"]);
    });
  });

  test("finds what is looked for, and keeps that in the address", async () => {
    const service = await Service.start(POEM, FERN, OTHERS);
    service.session = aSession({ is_admin: true });
    const user = await open(service, "/gallery");
    expect(await found().findAllByRole("listitem")).toHaveLength(3);

    await user.type(screen.getByRole("searchbox", { name: "Prompt" }), "fern{Enter}");
    await waitFor(() => {
      expect(prompts()).toEqual(["A fern"]);
    });
    expect(window.location.search).toBe("?search=fern");
    await user.clear(screen.getByRole("searchbox", { name: "Prompt" }));
    await waitFor(() => {
      expect(prompts()).toHaveLength(3);
    });
    await user.selectOptions(screen.getByRole("combobox", { name: "Model" }), "local-text-1");
    await waitFor(() => {
      expect(prompts()).toEqual(["A poem of rain"]);
    });
    await user.selectOptions(screen.getByRole("combobox", { name: "User" }), "grace@example.com");
    expect(await found().findByText(/^Nothing matches\./)).toBeVisible();
    expect(window.location.search).toBe("?model=local-text-1&user=grace%40example.com");
  });

  test("begins with what its address looks for, though there is nothing of it", async () => {
    const service = await Service.start(FERN);
    service.session = aSession({ is_admin: true });
    await open(service, "/gallery?user=eve%40example.com&search=x");
    expect(await found().findByText(/^Nothing matches\./)).toBeVisible();
    expect(screen.getByRole("combobox", { name: "User" })).toHaveValue("eve@example.com");
    expect(screen.getByRole("searchbox", { name: "Prompt" })).toHaveValue("x");
  });

  test("lets nobody but admins choose among users", async () => {
    await open(await Service.start(FERN), "/gallery");
    expect(await found().findByText("A fern")).toBeVisible();
    expect(screen.queryByRole("combobox", { name: "User" })).not.toBeInTheDocument();
  });

  test("that does not load says so, and can be tried again", async () => {
    const service = await Service.start(FERN);
    const user = await open(service, "/gallery");
    await waitFor(() => {
      expect(service.listed).toBe(2); // at first, and once it listens: what comes later is what is searched for
    });
    service.failNext("/api/generations", "The gallery is locked.");
    await user.type(screen.getByRole("searchbox", { name: "Prompt" }), "fern{Enter}");
    expect(await found().findByRole("alert")).toHaveTextContent("The gallery is locked.");
    await user.click(button("Try again"));
    expect(await found().findByRole("img", { name: "A fern" })).toBeVisible();
    expect(found().queryByRole("alert")).not.toBeInTheDocument();
  });
});

describe("one generation", () => {
  test("has all its fields, and leads to its run", async () => {
    const service = await Service.start(FERN);
    const user = await open(service, "/gallery");
    await user.click(await found().findByRole("link", { name: "A fern" }));

    const article = await screen.findByRole("article");
    expect(screen.getByRole("main")).toHaveFocus();
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Generation");
    const fields = Array.from(article.querySelectorAll("dt"), (term) => term.textContent);
    expect(fields).toContain("Cached input tokens");
    expect(figure(within(article), "Estimated cost")).toHaveTextContent("price unknown");
    expect(figure(within(article), "Cached input tokens")).toHaveTextContent("unknown");
    expect(figure(within(article), "Event")).toHaveTextContent("2");
    const link = await screen.findByRole("link", { name: "Open the run in MLflow" });
    expect(link).toHaveAttribute("href", "https://mlflow.example/#/runs/r1");
  });

  test("that is a text is shown whole", async () => {
    await open(await Service.start(POEM), "/gallery/3");
    expect(await screen.findByText("It rains.")).toBeVisible();
    expect(screen.getByText("Time to the first part").nextElementSibling).toHaveTextContent("62 ms");
  });

  test.each([
    [{ state: "off", kind: "run", id: null, url: null }, "Tracking is off: MLflow does not have it."],
    [{ state: "delivered", kind: "trace", id: "tr-1", url: null }, "MLflow has it as trace tr-1."],
  ] as const)("says where MLflow has it (%#)", async (tracked, words) => {
    const service = await Service.start(FERN);
    service.tracked = tracked;
    await open(service, "/gallery/2");
    const article = await screen.findByRole("article");
    await waitFor(() => {
      expect(article).toHaveTextContent(words);
    });
  });

  test("leads to its run as soon as there is one", async () => {
    const service = await Service.start(FERN);
    const { tracked } = service;
    service.tracked = { state: "pending", kind: "run", id: null, url: null };
    await open(service, "/gallery/2");
    expect(await screen.findByText("It waits to be delivered to MLflow.")).toBeVisible();
    service.tracked = tracked;
    expect(await screen.findByRole("link", { name: "Open the run in MLflow" })).toBeVisible();
  });

  test("of which nothing is kept says so", async () => {
    await open(await Service.start(aGeneration({ id: "4", prompt: "", user_email: "" })), "/gallery/4");
    expect(await screen.findByRole("img", { name: "A picture whose prompt is not kept" })).toBeVisible();
    expect(region("Prompt").getByText("not kept")).toBeVisible();
  });

  test("whose text is not kept says so", async () => {
    await open(await Service.start(aText({ id: "4", prompt: "", text: null })), "/gallery/4");
    expect(await screen.findByText("The text is not kept.")).toBeVisible();
  });

  test("has a long prompt's beginning, and all of it when asked", async () => {
    const observers: (() => void)[] = [];
    class Observer {
      constructor(measure: () => void) {
        observers.push(measure);
      }
      observe() {
        observers.at(-1)?.();
      }
      disconnect() {
        observers.pop();
      }
    }
    vi.stubGlobal("ResizeObserver", Observer);
    const height = vi.spyOn(Element.prototype, "scrollHeight", "get").mockReturnValue(900);
    onTestFinished(() => {
      height.mockRestore();
      vi.unstubAllGlobals();
    });
    const prompt = "A lighthouse\nin the fog\n".repeat(150);
    const user = await open(await Service.start(aGeneration({ id: "5", prompt })), "/gallery/5");
    await user.click(await screen.findByRole("button", { name: "Show all", expanded: false }));
    const less = screen.getByRole("button", { name: "Show less", expanded: true });
    expect(region("Prompt").getByText(/^A lighthouse/).textContent).toBe(prompt);
    await user.click(less);
    expect(button("Show all")).toBeVisible();
  });

  test("of a short prompt has nothing more to show", async () => {
    await open(await Service.start(FERN), "/gallery/2");
    expect(await screen.findByText("A fern")).toHaveAttribute("dir", "auto");
    expect(screen.queryByRole("button", { name: "Show all" })).not.toBeInTheDocument();
  });

  test("is asked for by the address as it is, a percent sign too", async () => {
    await open(await Service.start(aGeneration({ id: "%", prompt: "A whale" })), "/gallery/%25");
    expect(await screen.findByRole("img", { name: "A whale" })).toBeVisible();
  });

  test("that is not there says so", async () => {
    const service = await Service.start(FERN);
    service.failNext("/api/generations/9", "There is no such generation, or no longer.", 404);
    await open(service, "/gallery/9");
    expect(await screen.findByRole("alert")).toHaveTextContent("There is no such generation, or no longer.");
  });
});
