import { useQuery } from "@tanstack/react-query";
import { Problem } from "../Problem";
import { useApi } from "../service/ApiContext";
import type { Tracked } from "../service/generation";

const AGAIN_MS = 2_000;

/** Where MLflow has a generation; it is asked again until it has it. */
export function TrackedLink({ id }: Readonly<{ id: string }>) {
  const api = useApi();
  const tracked = useQuery({
    queryKey: ["tracked", id],
    queryFn: ({ signal }) => api.tracked(id, signal),
    refetchInterval: ({ state }) => state.data?.state === "pending" && AGAIN_MS,
  });
  if (tracked.isPending) return <output>Asking MLflow…</output>;
  if (tracked.isError) {
    return (
      <Problem
        title="Where MLflow has it is not known"
        error={tracked.error}
        onRetry={() => {
          void tracked.refetch();
        }}
      />
    );
  }
  return <Place tracked={tracked.data} />;
}

function Place({ tracked: { state, kind, id, url } }: Readonly<{ tracked: Tracked }>) {
  if (state === "off") return <p>Tracking is off: MLflow does not have it.</p>;
  if (state === "pending") return <output>It waits to be delivered to MLflow.</output>;
  if (url === null) {
    return (
      <p>
        MLflow has it as {kind} <code>{id}</code>.
      </p>
    );
  }
  return (
    <p>
      <a href={url} rel="noreferrer" target="_blank">
        Open the {kind} in MLflow
      </a>
    </p>
  );
}
