import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { Picture, textOf } from "../Picture";
import { Problem } from "../Problem";
import { GENERATION_KEY } from "../queryClient";
import { useApi } from "../service/ApiContext";
import type { Generation } from "../service/generation";
import { useTitle } from "../useTitle";
import { Fields } from "./Fields";
import { Prompt } from "./Prompt";
import { TrackedLink } from "./TrackedLink";
import "./gallery.css";

/** One generation with all its fields, and where MLflow has it. */
export function GenerationPage({ id }: Readonly<{ id: string }>) {
  const api = useApi();
  useTitle("Generation");
  const found = useQuery({
    queryKey: [...GENERATION_KEY, id],
    queryFn: ({ signal }) => api.generation(id, signal),
    staleTime: Infinity, // it never changes
  });
  return (
    <>
      <div className="heading">
        <p>
          <Link href="/gallery">Back to the gallery</Link>
        </p>
        <h1>Generation</h1>
      </div>
      {found.isPending && <output>Loading the generation…</output>}
      {found.isError && (
        <Problem
          title="The generation did not load"
          error={found.error}
          onRetry={() => {
            void found.refetch();
          }}
        />
      )}
      {found.isSuccess && <Shown generation={found.data} />}
    </>
  );
}

function Shown({ generation }: Readonly<{ generation: Generation }>) {
  return (
    <article className="generation">
      <Prompt prompt={generation.prompt} />
      {generation.image_url === null ? (
        <p className="text" dir="auto">{textOf(generation)}</p>
      ) : (
        <Picture generation={generation} source={generation.image_url} />
      )}
      <div className="about">
        <Fields generation={generation} />
        <TrackedLink id={generation.id} />
      </div>
    </article>
  );
}
