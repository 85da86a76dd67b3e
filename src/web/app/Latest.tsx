import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import type { Api } from "./api";
import { Figures } from "./Figures";
import { formatMoment, shorten } from "./format";
import type { Generation } from "./generation";
import { Problem } from "./Problem";
import { LATEST_KEY } from "./queryClient";

const SHOWN = 20;

/** The latest generations, the newest first, as the service lists them. */
export function Latest({ api }: Readonly<{ api: Api }>) {
  const heading = useId();
  const latest = useQuery({ queryKey: LATEST_KEY, queryFn: ({ signal }) => api.latest(SHOWN, signal) });

  return (
    <section className="latest" aria-labelledby={heading} aria-busy={latest.isFetching}>
      <h2 id={heading}>Latest generations</h2>
      {latest.isPending && <output>Loading the latest generations…</output>}
      {latest.isError && (
        <Problem
          title="The list did not load"
          error={latest.error}
          onRetry={() => {
            void latest.refetch();
          }}
        />
      )}
      {latest.data?.length === 0 && <p className="empty">No pictures yet. The first one you make starts the list.</p>}
      {latest.data !== undefined && latest.data.length > 0 && (
        <ol className="cards">
          {latest.data.map((generation) => (
            <Card key={generation.id} generation={generation} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Card({ generation }: Readonly<{ generation: Generation }>) {
  return (
    <li className="card">
      <a href={generation.image_url} className="thumbnail">
        <img src={generation.image_url} alt={shorten(generation.prompt, 120)} loading="lazy" />
      </a>
      <p className="prompt">{generation.prompt}</p>
      <Figures generation={generation} />
      <p className="origin">
        <time dateTime={generation.created_at}>{formatMoment(generation.created_at)}</time>
        <span>{generation.user_email}</span>
      </p>
    </li>
  );
}
