import { useRef } from "react";
import { Link } from "wouter";
import { Figures } from "../Figures";
import { formatCost, formatDuration } from "../format";
import { Picture } from "../Picture";
import { Problem } from "../Problem";
import type { Generation, GenerationRequest } from "../service/generation";
import { ratioStyle } from "../ratioStyle";
import { Elapsed } from "./Elapsed";
import type { Generating } from "./useGenerating";

const NOT_KEPT = "It could not be kept in the gallery.";

/** What was asked for: not yet, on its way, there, cancelled or failed. */
export function Result({ generating }: Readonly<{ generating: Generating }>) {
  const section = useRef<HTMLElement>(null);
  const { state, request, text, error, generation } = generating;

  function retry() {
    // The button goes away with what it stands beside; the focus stays where the result will be.
    section.current?.focus();
    if (request !== null) generating.start(request);
  }

  return (
    <section ref={section} className="result" aria-label="Result" aria-busy={state === "running"} tabIndex={-1}>
      <output className="visually-hidden">{newsOf(generating)}</output>
      {state === "idle" && (
        <div className="stage">
          <p>What you make appears here.</p>
        </div>
      )}
      {state === "running" && request !== null && <Running request={request} text={text} since={generating.since} />}
      {state !== "running" && state !== "done" && text !== "" && <p className="text unfinished" dir="auto">{text}</p>}
      {state === "cancelled" && (
        <div className="cancelled">
          <p>Cancelled. What was used until then is counted.</p>
          <button type="button" onClick={retry}>
            Try again
          </button>
        </div>
      )}
      {state === "failed" && error !== null && <Problem title="Not this time" error={error} onRetry={retry} />}
      {state === "done" && generation !== null && <Done generation={generation} />}
    </section>
  );
}

interface RunningProps {
  request: GenerationRequest;
  text: string;
  since: number;
}

function Running({ request, text, since }: Readonly<RunningProps>) {
  return (
    <>
      {text === "" ? (
        <div className="stage" style={ratioStyle(request.kind === "image" ? request.aspect_ratio : null)}>
          <div className="skeleton shimmering" />
        </div>
      ) : (
        <p className="text growing" dir="auto">{text}</p>
      )}
      <div className="progress">
        <progress aria-label="Generating" />
        <Elapsed since={since} />
      </div>
    </>
  );
}

function Done({ generation }: Readonly<{ generation: Generation }>) {
  return (
    <>
      {generation.image_url === null ? (
        <p className="text" dir="auto">{generation.text}</p>
      ) : (
        <Picture generation={generation} source={generation.image_url} />
      )}
      <Figures generation={generation} />
      {generation.kept === false ? (
        <NotKept generation={generation} />
      ) : (
        <p className="more">
          <Link href={`/gallery/${generation.id}`}>All of its fields</Link>
        </p>
      )}
    </>
  );
}

function NotKept({ generation }: Readonly<{ generation: Generation }>) {
  return (
    <p className="warning">
      {NOT_KEPT} It is on this page alone: save it before you go on.{" "}
      {generation.image_url !== null && (
        <a href={generation.image_url} download={`${generation.id}.png`}>
          Save the picture
        </a>
      )}
    </p>
  );
}

/** What a screen reader says when the state changes; an error speaks for itself. */
function newsOf({ state, generation }: Generating): string {
  if (state === "running") return "Generating.";
  if (state === "cancelled") return "Cancelled.";
  if (state !== "done" || generation === null) return "";
  const { processing_time_ms, estimated_cost_usd, kept } = generation;
  const took = `It took ${formatDuration(processing_time_ms)}. Cost: ${formatCost(estimated_cost_usd)}.`;
  return kept === false ? `It is ready. ${took} ${NOT_KEPT}` : `It is ready. ${took}`;
}
