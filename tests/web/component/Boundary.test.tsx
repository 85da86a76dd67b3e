import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { Boundary } from "../../../src/web/app/Boundary";

function Broken(): never {
  throw new TypeError("Failed to fetch the page's code");
}

test("a page that fails says so, and can be loaded again", () => {
  // React tells the console of it, too.
  const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
  render(
    <Boundary>
      <Broken />
    </Boundary>,
  );
  expect(screen.getByRole("alert")).toHaveTextContent("This page failedFailed to fetch the page's code");
  expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
  expect(told).toHaveBeenCalled();
  told.mockRestore();
});

test("a page that works is shown", () => {
  render(<Boundary>Usage</Boundary>);
  expect(screen.getByText("Usage")).toBeVisible();
});
