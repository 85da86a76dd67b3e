import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import { userEvent, type UserEvent } from "@testing-library/user-event";
import { createQueryClient } from "../../../../src/web/app/queryClient";
import { NO_BACKLOG } from "../../../../src/web/app/service/backlog";
import { createApi } from "../../../../src/web/app/service/api";
import { ApiContext } from "../../../../src/web/app/service/ApiContext";
import type { Session } from "../../../../src/web/app/service/generation";
import { LiveContext, type Live } from "../../../../src/web/app/service/LiveContext";
import { SessionContext } from "../../../../src/web/app/service/SessionContext";
import UsagePage from "../../../../src/web/app/usage/UsagePage";
import { aSession } from "../../generations";
import type { UsageService } from "./usageService";

interface Around {
  session?: Partial<Session>;
  live?: Partial<Live>;
  /** What stands in the address after the page's path. */
  query?: string;
}

/** Shows the usage page. */
export function showUsage(service: UsageService, { session, live, query = "" }: Around = {}): UserEvent {
  window.history.replaceState(null, "", `/usage${query}`);
  render(
    <QueryClientProvider client={createQueryClient()}>
      <ApiContext value={createApi(service.origin)}>
        <SessionContext value={aSession({ time_zone: "Europe/Berlin", ...session })}>
          <LiveContext value={{ health: null, backlog: NO_BACKLOG, isLost: false, ...live }}>
            <UsagePage />
          </LiveContext>
        </SessionContext>
      </ApiContext>
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

/** Returns what a part of the page has, by its heading. */
export const part = (name: string) => within(screen.getByRole("region", { name }));

/** Opens a table as soon as it is there, and returns its cells, row by row. */
export async function cellsOf(name: string): Promise<string[][]> {
  const summary = await screen.findByText((_, element) => namesTable(element, name));
  const table = screen.queryByRole("table", { name }) ?? (await opened(summary, name));
  return within(table)
    .getAllByRole("row")
    .map((row) => [...row.children].map((cell) => cell.textContent));
}

function namesTable(element: Element | null, name: string): boolean {
  return element?.tagName === "SUMMARY" && element.textContent === `Table of ${name}`;
}

async function opened(summary: HTMLElement, name: string): Promise<HTMLElement> {
  await userEvent.click(summary);
  return screen.findByRole("table", { name });
}

/** Returns a chart by what it says that it shows, as soon as it is drawn. */
export async function drawn(among: ReturnType<typeof part>, name: RegExp) {
  const chart = within(await among.findByRole("img", { name }));
  // Every chart has an axis that is marked with something.
  await chart.findAllByText(/\d/);
  return chart;
}
