import { useId, useRef, useState } from "react";
import { useIsCut } from "./useIsCut";

/** A prompt across the page: its first lines, and all of it when asked. */
export function Prompt({ prompt }: Readonly<{ prompt: string }>) {
  const id = useId();
  const words = useRef<HTMLParagraphElement>(null);
  const isCut = useIsCut(words);
  const [isWhole, setIsWhole] = useState(false);
  return (
    <section className="asked" aria-labelledby={id}>
      <h2 id={id}>Prompt</h2>
      <p ref={words} id={`${id}-words`} className={isWhole ? "words" : "words clamped"} dir="auto">
        {prompt || "not kept"}
      </p>
      {(isWhole || isCut) && (
        <button
          type="button"
          aria-expanded={isWhole}
          aria-controls={`${id}-words`}
          onClick={() => {
            setIsWhole(!isWhole);
          }}
        >
          {isWhole ? "Show less" : "Show all"}
        </button>
      )}
    </section>
  );
}
