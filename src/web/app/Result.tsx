import type { UseMutationResult } from "@tanstack/react-query";
import { useRef } from "react";
import { Figures } from "./Figures";
import { formatCost, formatDuration, shorten } from "./format";
import type { Generation, GenerationRequest } from "./generation";
import { Problem } from "./Problem";
import { ratioStyle } from "./ratioStyle";

type GenerationState = UseMutationResult<Generation, Error, GenerationRequest>;

/** The picture that was asked for: not yet, on its way, there, or failed. */
export function Result({ generation }: Readonly<{ generation: GenerationState }>) {
  const section = useRef<HTMLElement>(null);

  function retry(request: GenerationRequest) {
    // The button goes away with the error; the focus stays where the picture will be.
    section.current?.focus();
    generation.mutate(request);
  }

  return (
    <section ref={section} className="result" aria-label="Your picture" tabIndex={-1}>
      <output className="visually-hidden">{news(generation)}</output>
      {generation.isIdle && (
        <div className="stage">
          <p>Your picture appears here.</p>
        </div>
      )}
      {generation.isPending && (
        <div className="stage" style={ratioStyle(generation.variables.aspect_ratio)}>
          <div className="skeleton" />
        </div>
      )}
      {generation.isError && (
        <Problem
          title="No picture this time"
          error={generation.error}
          onRetry={() => {
            retry(generation.variables);
          }}
        />
      )}
      {generation.isSuccess && <Picture generation={generation.data} />}
    </section>
  );
}

function Picture({ generation }: Readonly<{ generation: Generation }>) {
  return (
    <>
      <figure className="stage" style={ratioStyle(generation.aspect_ratio)}>
        <img src={generation.image_url} alt={shorten(generation.prompt, 120)} />
      </figure>
      <Figures generation={generation} />
    </>
  );
}

/** What a screen reader says when the state changes; an error speaks for itself. */
function news(generation: GenerationState): string {
  if (generation.isPending) return "Generating your picture.";
  if (!generation.isSuccess) return "";
  const { processing_time_ms, estimated_cost_usd } = generation.data;
  return `Your picture is ready. It took ${formatDuration(processing_time_ms)}. Cost: ${formatCost(estimated_cost_usd)}.`;
}
