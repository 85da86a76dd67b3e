import { QueryClient } from "@tanstack/react-query";

/** The keys under which the cache has what the service answered; each begins with what it is of. */
export const SESSION_KEY = ["session"] as const;
export const GENERATIONS_KEY = ["generations"] as const;
export const GENERATION_KEY = ["generation"] as const;
export const FILTERS_KEY = ["filters"] as const;
export const USAGE_KEY = ["usage"] as const;

/** Makes the cache of what the service answered. */
export function createQueryClient(): QueryClient {
  // A failure is shown at once beside a button that tries again, and so is being offline: the service may be on
  // this machine.
  const failure = { retry: false, networkMode: "always" } as const;
  return new QueryClient({ defaultOptions: { queries: failure, mutations: failure } });
}
