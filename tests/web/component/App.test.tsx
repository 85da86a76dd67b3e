import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import { App } from "../../../src/web/app/App";
import { createApi } from "../../../src/web/app/api";
import { createQueryClient } from "../../../src/web/app/queryClient";
import { aGeneration } from "../generations";
import { Service } from "./service";

const PROMPT = "A lighthouse in morning fog";

function open(service: Service) {
  render(
    <QueryClientProvider client={createQueryClient()}>
      <App api={createApi(service.origin)} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

const promptField = () => screen.getByRole("textbox", { name: "Prompt" });
const button = (name: string) => screen.getByRole("button", { name });
const result = () => within(screen.getByRole("region", { name: "Your picture" }));
const latest = () => within(screen.getByRole("region", { name: "Latest generations" }));

/** Returns the figure that stands under this label. */
function figure(within: ReturnType<typeof result>, label: string) {
  return within.getByText(label).nextElementSibling;
}

describe("making a picture", () => {
  test("shows it with its tokens, time and cost, and puts it first in the list", async () => {
    const service = await Service.start(aGeneration({ id: "old", prompt: "A fern" }));
    const user = open(service);
    await user.type(promptField(), `  ${PROMPT} `);
    await user.click(screen.getByRole("radio", { name: "9:16" }));
    await user.click(button("Generate"));

    expect(await result().findByRole("img", { name: PROMPT })).toHaveAttribute("src", "/api/images/new-1.png");
    expect(service.requests).toEqual([{ prompt: PROMPT, aspect_ratio: "9:16" }]);
    expect(figure(result(), "Input tokens")).toHaveTextContent("12");
    expect(figure(result(), "Output tokens")).toHaveTextContent("4,160");
    expect(figure(result(), "Processing time")).toHaveTextContent("1.2 s");
    expect(figure(result(), "Estimated cost")).toHaveTextContent("$0.1665");

    expect(await latest().findByRole("img", { name: PROMPT })).toBeVisible();
    const prompts = latest().getAllByRole("img");
    expect(prompts.map((image) => image.getAttribute("alt"))).toEqual([PROMPT, "A fern"]);
  });

  test("says that it is under way, and asks for one picture only", async () => {
    const service = await Service.start();
    const user = open(service);
    await user.type(promptField(), PROMPT);
    const release = service.hold();
    await user.click(button("Generate"));

    expect(result().getByRole("status")).toHaveTextContent("Generating your picture.");
    expect(button("Generating…")).toHaveAttribute("aria-disabled", "true");
    await user.click(button("Generating…"));
    release();

    expect(await result().findByRole("img")).toBeVisible();
    expect(result().getByRole("status")).toHaveTextContent("Your picture is ready. It took 1.2 s. Cost: $0.1665.");
    expect(button("Generate")).toHaveFocus();
    expect(service.requests).toHaveLength(1);
  });

  test("says that the price is unknown where it is, and never 0", async () => {
    const service = await Service.start();
    service.price = null;
    const user = open(service);
    await user.type(promptField(), PROMPT);
    await user.click(button("Generate"));

    expect(await result().findByText("price unknown")).toBeVisible();
    expect(await latest().findByText("price unknown")).toBeVisible();
    expect(screen.queryByText(/\$/)).not.toBeInTheDocument();
  });

  test("works by keyboard alone", async () => {
    const service = await Service.start();
    const user = open(service);
    await user.tab();
    expect(promptField()).toHaveFocus();
    await user.keyboard(`${PROMPT}{Enter}at dawn`);
    await user.tab();
    expect(screen.getByRole("radio", { name: "1:1" })).toHaveFocus();
    await user.keyboard("{ArrowRight}");
    expect(screen.getByRole("radio", { name: "16:9" })).toBeChecked();
    await user.tab();
    expect(button("Generate")).toHaveFocus();
    await user.keyboard("{Enter}");

    expect(await result().findByRole("img")).toBeVisible();
    expect(service.requests).toEqual([{ prompt: `${PROMPT}\nat dawn`, aspect_ratio: "16:9" }]);
  });

  test.each(["Control", "Meta"])("starts with %s + Enter in the prompt", async (key) => {
    const service = await Service.start();
    const user = open(service);
    await user.type(promptField(), `${PROMPT}{${key}>}{Enter}{/${key}}`);
    expect(await result().findByRole("img")).toBeVisible();
    expect(service.requests).toEqual([{ prompt: PROMPT, aspect_ratio: "1:1" }]);
  });
});

describe("a prompt that cannot be sent", () => {
  test.each([
    ["   ", "Write a prompt first."],
    ["🛳".repeat(4001), "Too long by 1. Shorten the prompt."],
  ])("is marked, and says what to do (%#)", async (prompt, words) => {
    const service = await Service.start();
    const user = open(service);
    await user.click(promptField());
    await user.paste(prompt);
    await user.click(button("Generate"));

    expect(promptField()).toHaveFocus();
    expect(promptField()).toBeInvalid();
    expect(promptField()).toHaveAccessibleDescription(expect.stringContaining(words));
    await user.keyboard("{Backspace}");
    expect(promptField()).toBeValid();
    expect(service.requests).toEqual([]);
  });
});

describe("a failure", () => {
  test("is told in words; a retry sends the same, and the prompt stays", async () => {
    const service = await Service.start();
    service.failNext("POST", "The generator is busy.");
    const user = open(service);
    await user.type(promptField(), PROMPT);
    await user.click(screen.getByRole("radio", { name: "3:4" }));
    await user.click(button("Generate"));

    expect(await result().findByRole("alert")).toHaveTextContent("status 503: The generator is busy.");
    expect(promptField()).toHaveValue(PROMPT);
    await user.click(button("Try again"));

    expect(await result().findByRole("img", { name: PROMPT })).toBeVisible();
    expect(result().queryByRole("alert")).not.toBeInTheDocument();
    expect(screen.getByRole("region", { name: "Your picture" })).toHaveFocus();
    expect(promptField()).toHaveValue(PROMPT);
    expect(service.requests).toEqual([{ prompt: PROMPT, aspect_ratio: "3:4" }]);
  });

  test("of the list leaves the rest of the page alone, and can be tried again", async () => {
    const service = await Service.start(aGeneration({ prompt: "A fern" }));
    service.failNext("GET", "The gallery is locked.");
    const user = open(service);

    expect(await latest().findByRole("alert")).toHaveTextContent("The gallery is locked.");
    expect(promptField()).toBeEnabled();
    await user.click(button("Try again"));
    expect(await latest().findByRole("img", { name: "A fern" })).toBeVisible();
    expect(latest().queryByRole("alert")).not.toBeInTheDocument();
  });
});

describe("the latest generations", () => {
  test("are said to be loading, and that there is none yet", async () => {
    const service = await Service.start();
    const release = service.hold();
    open(service);
    expect(latest().getByRole("status")).toHaveTextContent("Loading the latest generations…");
    release();
    expect(await latest().findByText(/^No pictures yet/)).toBeVisible();
    expect(latest().queryByRole("status")).not.toBeInTheDocument();
  });

  test("stand newest first, each with who made it, when, and what it took", async () => {
    const newest = aGeneration({ id: "2", prompt: "A fern", estimated_cost_usd: null, processing_time_ms: 62 });
    const service = await Service.start(newest, aGeneration({ id: "1", user_email: "grace@example.com" }));
    open(service);

    const [first, second] = await latest().findAllByRole("listitem");
    expect(first).toHaveTextContent(/A fern.*price unknown.*23 Nov 2026.*ada@example\.com/);
    expect(second).toHaveTextContent(/A lighthouse.*\$0\.1665.*23 Nov 2026.*grace@example\.com/);
    expect(latest().getByRole("link", { name: "A fern" })).toHaveAttribute("href", "/api/images/2.png");
  });
});
