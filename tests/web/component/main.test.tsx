import { screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

test("the page starts in the element that index.html has for it", async () => {
  const root = document.createElement("div");
  root.id = "root";
  document.body.append(root);
  await import("../../../src/web/app/main");
  // There is no service here, and so it says.
  expect(await screen.findByRole("alert")).toHaveTextContent("The service did not say who is asking");
});

test("a page without that element says so", async () => {
  vi.resetModules();
  document.body.replaceChildren();
  await expect(import("../../../src/web/app/main")).rejects.toThrow('no element with the id "root"');
});
