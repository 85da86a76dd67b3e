import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useLocation } from "wouter";
import { loadUsagePage } from "./loadUsagePage";
import type { Api } from "./service/api";
import { ApiContext } from "./service/ApiContext";
import { LiveContext } from "./service/LiveContext";
import { SessionContext } from "./service/SessionContext";
import { useListener } from "./service/useListener";
import { Masthead } from "./Masthead";
import { Pages } from "./Pages";
import { Problem } from "./Problem";
import { SESSION_KEY } from "./queryClient";

/** The product's page: generate, see what there is, and see what it costs. */
export function App({ api }: Readonly<{ api: Api }>) {
  const session = useQuery({
    queryKey: SESSION_KEY,
    queryFn: ({ signal }) => api.session(signal),
    staleTime: Infinity,
  });
  const live = useListener(api.origin, session.isSuccess);
  const [location] = useLocation();

  useEffect(() => {
    // While the service is asked who it is: React would show a page that comes after that 300 ms late.
    if (location === "/usage") void loadUsagePage();
  }, [location]);

  return (
    <ApiContext value={api}>
      <LiveContext value={live}>
        <Masthead user={session.data?.user ?? null} />
        {session.isPending && (
          <main id="main" tabIndex={-1}>
            <output>Loading…</output>
          </main>
        )}
        {session.isError && (
          <main id="main" tabIndex={-1}>
            <h1>The page cannot start</h1>
            <Problem
              title="The service did not say who is asking"
              error={session.error}
              onRetry={() => {
                void session.refetch();
              }}
            />
          </main>
        )}
        {session.isSuccess && (
          <SessionContext value={session.data}>
            <Pages />
          </SessionContext>
        )}
      </LiveContext>
    </ApiContext>
  );
}
