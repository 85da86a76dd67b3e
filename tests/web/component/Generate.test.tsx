import { screen, waitFor } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { aSession } from "../generations";
import { button, figure, open, region } from "./page";
import { Service } from "./service";

const PROMPT = "A lighthouse in morning fog";

const promptField = () => screen.getByRole("textbox", { name: "Prompt" });
const kind = (name: RegExp) => screen.getByRole("radio", { name });
const result = () => region("Result");

describe("making a picture", () => {
  test("shows it with its tokens, time and cost", async () => {
    const service = await Service.start();
    const user = await open(service);
    await user.type(promptField(), `  ${PROMPT} `);
    await user.click(screen.getByRole("radio", { name: "9:16" }));
    await user.click(button("Generate"));

    expect(await result().findByRole("img", { name: PROMPT })).toHaveAttribute("src", "/api/images/new-1.png");
    expect(service.requests).toEqual([{ prompt: PROMPT, aspect_ratio: "9:16" }]);
    expect(figure(result(), "Input tokens")).toHaveTextContent("12");
    expect(figure(result(), "Output tokens")).toHaveTextContent("4,160");
    expect(figure(result(), "Processing time")).toHaveTextContent("1.2 s");
    expect(figure(result(), "Estimated cost")).toHaveTextContent("$0.1665");
    expect(result().getByRole("link", { name: "All of its fields" })).toHaveAttribute("href", "/gallery/new-1");
  });

  test("says that it is under way, and asks for one picture only", async () => {
    const service = await Service.start();
    const user = await open(service);
    await user.type(promptField(), PROMPT);
    const release = service.hold("/api/images");
    await user.click(button("Generate"));

    expect(result().getByRole("status")).toHaveTextContent("Generating.");
    expect(result().getByRole("progressbar", { name: "Generating" })).toBeVisible();
    expect(await result().findByText(/^[1-9]\d* s$/)).toBeVisible();
    expect(result().queryByText(/ ms$/)).not.toBeInTheDocument();
    expect(button("Generating…")).toHaveAttribute("aria-disabled", "true");
    await user.click(button("Generating…"));
    release();

    expect(await result().findByRole("img")).toBeVisible();
    expect(result().getByRole("status")).toHaveTextContent("It is ready. It took 1.2 s. Cost: $0.1665.");
    expect(button("Generate")).toHaveFocus();
    expect(service.requests).toHaveLength(1);
  });

  test("says that the price is unknown where it is, and never 0", async () => {
    const service = await Service.start();
    service.price = null;
    const user = await open(service);
    await user.type(promptField(), PROMPT);
    await user.click(button("Generate"));

    expect(await result().findByText("price unknown")).toBeVisible();
    expect(screen.queryByText(/\$/)).not.toBeInTheDocument();
  });

  test("works by keyboard alone", async () => {
    const service = await Service.start();
    const user = await open(service);
    promptField().focus();
    await user.keyboard(`${PROMPT}{Enter}at dawn`);
    await user.tab();
    expect(kind(/Picture/)).toHaveFocus();
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
    const user = await open(service);
    await user.type(promptField(), `${PROMPT}{${key}>}{Enter}{/${key}}`);
    expect(await result().findByRole("img")).toBeVisible();
    expect(service.requests).toEqual([{ prompt: PROMPT, aspect_ratio: "1:1" }]);
  });

  test("goes on while another page is looked at", async () => {
    const service = await Service.start();
    const user = await open(service);
    await user.type(promptField(), PROMPT);
    const release = service.hold("/api/images");
    await user.click(button("Generate"));
    await user.click(screen.getByRole("link", { name: "Gallery" }));
    release();
    await user.click(screen.getByRole("link", { name: "Generate" }));

    expect(await result().findByRole("img", { name: PROMPT })).toBeVisible();
    expect(promptField()).toHaveValue(PROMPT);
    expect(service.left).toBe(0);
  });
});

test("what is typed and chosen, and was not sent, is still there after a look at another page", async () => {
  const service = await Service.start();
  const user = await open(service);
  await user.type(promptField(), "An older one");
  await user.click(button("Generate"));
  expect(await result().findByRole("img")).toBeVisible();
  await user.clear(promptField());
  await user.type(promptField(), PROMPT);
  await user.click(screen.getByRole("radio", { name: "3:4" }));
  await user.click(kind(/Text/));
  await user.click(screen.getByRole("link", { name: "Gallery" }));
  await user.click(screen.getByRole("link", { name: "Generate" }));

  expect(promptField()).toHaveValue(PROMPT);
  expect(kind(/Text/)).toBeChecked();
  await user.click(kind(/Picture/));
  expect(screen.getByRole("radio", { name: "3:4" })).toBeChecked();
});

describe("what could not be kept in the gallery", () => {
  const IMAGE = "data:image/png;base64,iVBORw0KGgo=";

  test("is shown, and can be saved", async () => {
    const service = await Service.start();
    service.made = { kept: false, image_url: IMAGE };
    const user = await open(service);
    await user.type(promptField(), PROMPT);
    await user.click(button("Generate"));

    expect(await result().findByRole("img", { name: PROMPT })).toHaveAttribute("src", IMAGE);
    const words = "It could not be kept in the gallery. It is on this page alone: save it before you go on.";
    expect(result().getByText(words, { exact: false })).toBeVisible();
    expect(result().getByRole("status")).toHaveTextContent(/Cost: \$0\.1665\. It could not be kept in the gallery\.$/);
    expect(result().getByRole("link", { name: "Save the picture" })).toHaveAttribute("href", IMAGE);
    expect(result().queryByRole("link", { name: "All of its fields" })).not.toBeInTheDocument();
    expect(figure(result(), "Estimated cost")).toHaveTextContent("$0.1665");
  });

  test("is told of a text, too", async () => {
    const service = await Service.start();
    service.made = { kept: false };
    const user = await open(service);
    await user.type(promptField(), PROMPT);
    await user.click(kind(/Text/));
    await user.click(button("Generate"));

    expect(await result().findByText(/^It could not be kept in the gallery\. It is on this page alone/)).toBeVisible();
    expect(result().queryByRole("link")).not.toBeInTheDocument();
  });
});

test.each([
  ["/api/images", /Picture/, 429, "You have 4 generations running. Wait until one has ended.", " Try again in 7 s."],
  ["/api/texts", /Text/, 503, "Too much is being generated now.", " Try again in 7 s."],
  ["/api/images", /Picture/, 429, "Too many. Try again in 7 s.", ""],
] as const)("too much at %s is told with the time to wait: %#", async (place, name, status, detail, wait) => {
  const service = await Service.start();
  service.failNext(place, detail, status, { "Retry-After": "7" });
  const user = await open(service);
  await user.type(promptField(), PROMPT);
  await user.click(kind(name));
  await user.click(button("Generate"));

  expect(await result().findByRole("alert")).toHaveTextContent(`Not this time${detail}${wait}`);
  expect(promptField()).toHaveValue(PROMPT);
  await user.click(button("Try again"));
  expect(await result().findByText("Estimated cost")).toBeVisible();
});

describe("making a text", () => {
  test("shows it as it comes, and then what it took", async () => {
    const service = await Service.start();
    service.write("A light that ", "turns.");
    const release = service.hold("/api/texts");
    const user = await open(service);
    await user.type(promptField(), PROMPT);
    await user.click(kind(/Text/));
    expect(screen.queryByRole("group", { name: "Aspect ratio" })).not.toBeInTheDocument();
    await user.click(button("Generate"));

    expect(await result().findByText("A light that")).toBeVisible();
    expect(result().getByRole("progressbar")).toBeVisible();
    release();
    expect(await result().findByText("A light that turns.")).toBeVisible();
    expect(figure(result(), "Estimated cost")).toHaveTextContent("$0.1665");
    expect(service.requests).toEqual([{ prompt: PROMPT }]);
  });

  test("is all there is where the provider has no image model", async () => {
    const service = await Service.start();
    service.session = aSession({ provider: "anthropic", image_model: null, text_model: "claude" });
    await open(service);
    expect(kind(/Picture anthropic has no model for it/)).toBeDisabled();
    expect(kind(/Text claude/)).toBeChecked();
  });
});

describe("cancelling", () => {
  test.each([
    [/Picture/, "/api/images"],
    [/Text/, "/api/texts"],
  ] as const)("ends it at once, in the service too: %s", async (name, place) => {
    const service = await Service.start();
    const release = service.hold(place);
    const user = await open(service);
    await user.type(promptField(), PROMPT);
    await user.click(kind(name));
    await user.click(button("Generate"));
    await user.click(button("Cancel"));

    expect(await result().findByText("Cancelled. What was used until then is counted.")).toBeVisible();
    expect(result().queryByRole("alert")).not.toBeInTheDocument();
    expect(promptField()).toHaveValue(PROMPT);
    await waitFor(() => {
      expect(service.left).toBe(1);
    });
    release();
    await user.click(button("Try again"));
    expect(await result().findByText("Estimated cost")).toBeVisible();
  });
});

describe("a prompt that cannot be sent", () => {
  test.each([
    ["   ", "Write a prompt first."],
    ["🛳".repeat(4001), "Too long by 1. Shorten the prompt."],
  ])("is marked, and says what to do (%#)", async (prompt, words) => {
    const service = await Service.start();
    const user = await open(service);
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

test("a failure is told in words; a retry sends the same, and the prompt stays", async () => {
  const service = await Service.start();
  service.failNext("/api/images", "The generator is busy.");
  const user = await open(service);
  await user.type(promptField(), PROMPT);
  await user.click(screen.getByRole("radio", { name: "3:4" }));
  await user.click(button("Generate"));

  expect(await result().findByRole("alert")).toHaveTextContent("status 503: The generator is busy.");
  expect(promptField()).toHaveValue(PROMPT);
  await user.click(button("Try again"));

  expect(await result().findByRole("img", { name: PROMPT })).toBeVisible();
  expect(result().queryByRole("alert")).not.toBeInTheDocument();
  expect(screen.getByRole("region", { name: "Result" })).toHaveFocus();
  expect(promptField()).toHaveValue(PROMPT);
  expect(service.requests).toEqual([{ prompt: PROMPT, aspect_ratio: "3:4" }]);
});
