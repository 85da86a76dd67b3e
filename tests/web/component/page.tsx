import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import { userEvent, type UserEvent } from "@testing-library/user-event";
import { App } from "../../../src/web/app/App";
import { createQueryClient } from "../../../src/web/app/queryClient";
import { createApi } from "../../../src/web/app/service/api";
import type { Service } from "./service";

/** Opens the page at an address, and waits until it knows who is asking. */
export async function open(service: Service, address = "/"): Promise<UserEvent> {
  show(service, address);
  await screen.findByText(service.session.user);
  return userEvent.setup();
}

/** Opens the page at an address. */
export function show(service: Service, address = "/"): void {
  window.history.replaceState(null, "", address);
  render(
    <QueryClientProvider client={createQueryClient()}>
      <App api={createApi(service.origin)} />
    </QueryClientProvider>,
  );
}

/** What a part of the page has, by the name that a person knows it by. */
export const region = (name: string) => within(screen.getByRole("region", { name }));
export const button = (name: string) => screen.getByRole("button", { name });


/** Returns what stands under a label. */
export function figure(among: ReturnType<typeof region>, label: string) {
  return among.getByText(label).nextElementSibling;
}
