import { useTitle } from "../useTitle";
import { PromptForm } from "./PromptForm";
import { Result } from "./Result";
import type { Generating } from "./useGenerating";
import "./generate.css";

/** Ask for a picture or a text, and see it and what it took. */
export function GeneratePage({ generating }: Readonly<{ generating: Generating }>) {
  useTitle("Generate");
  return (
    <>
      <div className="heading">
        <h1>Make a picture or a text</h1>
        <p>Describe it, and see what it takes: tokens, time and cost.</p>
      </div>
      <div className="studio">
        <PromptForm generating={generating} />
        <Result generating={generating} />
      </div>
    </>
  );
}
