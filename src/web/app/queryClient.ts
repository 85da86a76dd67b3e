import { QueryClient } from "@tanstack/react-query";

/** The cache's key of the latest generations. */
export const LATEST_KEY = ["latest"] as const;

/** Makes the cache of what the service answered. */
export function createQueryClient(): QueryClient {
  // A failure is shown at once beside a button that tries again, and so is being offline: the service may be on
  // this machine.
  const failure = { retry: false, networkMode: "always" } as const;
  return new QueryClient({ defaultOptions: { queries: failure, mutations: failure } });
}
