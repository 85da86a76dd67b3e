import { useTitle } from "../useTitle";
import { PromptForm } from "./PromptForm";
import { Result } from "./Result";
import type { Draft } from "./useDraft";
import type { Generating } from "./useGenerating";
import "./generate.css";

/** Ask for a picture or a text, and see it and what it took. */
export function GeneratePage({ draft, generating }: Readonly<{ draft: Draft; generating: Generating }>) {
  useTitle("Generate");
  return (
    <>
      <div className="heading">
        <h1>Make a picture or a text</h1>
        <p>Describe it, and see what it takes: tokens, time and cost.</p>
      </div>
      <div className="studio">
        <PromptForm draft={draft} generating={generating} />
        <Result generating={generating} />
      </div>
    </>
  );
}
