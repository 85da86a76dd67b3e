import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Problem } from "../Problem";
import { Skeleton } from "./Skeleton";

interface WaitingProps<Shown> {
  query: UseQueryResult<Shown>;
  children: (shown: Shown) => ReactNode;
}

/** What was answered, once it is; what went wrong stands above what is known from before. */
export function Waiting<Shown>({ query, children }: Readonly<WaitingProps<Shown>>) {
  return (
    <>
      {query.isError && (
        <Problem
          title="The numbers did not load"
          error={query.error}
          onRetry={() => {
            void query.refetch();
          }}
        />
      )}
      {query.isPending && <Skeleton />}
      {query.data !== undefined && children(query.data)}
    </>
  );
}
