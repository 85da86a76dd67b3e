import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Api } from "./api";
import { Latest } from "./Latest";
import { PromptForm } from "./PromptForm";
import { LATEST_KEY } from "./queryClient";
import { Result } from "./Result";

/** The page: ask for a picture, see it and what it cost, and see the latest ones. */
export function App({ api }: Readonly<{ api: Api }>) {
  const queryClient = useQueryClient();
  const generation = useMutation({
    mutationFn: api.generate,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: LATEST_KEY }),
  });

  return (
    <>
      <header className="masthead">
        <h1>Make a picture</h1>
        <p>Describe it, and see what it takes: tokens, time and cost.</p>
      </header>
      <main>
        <div className="studio">
          <PromptForm busy={generation.isPending} onSubmit={generation.mutate} />
          <Result generation={generation} />
        </div>
        <Latest api={api} />
      </main>
    </>
  );
}
