import { useId, useRef, useState, type KeyboardEvent, type SubmitEvent } from "react";
import { formatCount } from "../format";
import { useSession } from "../service/SessionContext";
import { AspectRatioField } from "./AspectRatioField";
import { KindField } from "./KindField";
import type { Draft } from "./useDraft";
import type { Generating } from "./useGenerating";

/** What is asked for. It keeps the prompt whatever becomes of the request. */
export function PromptForm({ draft, generating }: Readonly<{ draft: Draft; generating: Generating }>) {
  const id = useId();
  const { prompt_limit } = useSession();
  const { kind, prompt, aspect_ratio, change } = draft;
  const textarea = useRef<HTMLTextAreaElement>(null);
  const [problem, setProblem] = useState("");
  const isBusy = generating.state === "running";

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (isBusy) return;
    const found = problemOf(prompt, prompt_limit);
    setProblem(found);
    if (found === "") generating.start({ kind, prompt: prompt.trim(), aspect_ratio });
    else textarea.current?.focus();
  }

  function submitByKey(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  }

  return (
    <form className="prompt-form" aria-label="New generation" noValidate onSubmit={submit}>
      <div className="field writing">
        <label htmlFor={`${id}-prompt`}>Prompt</label>
        <textarea
          ref={textarea}
          id={`${id}-prompt`}
          rows={6}
          dir="auto"
          placeholder="A lighthouse in morning fog, seen from the sea"
          value={prompt}
          aria-invalid={problem !== ""}
          aria-describedby={`${id}-problem ${id}-length`}
          onChange={(event) => {
            change({ prompt: event.target.value });
            setProblem("");
          }}
          onKeyDown={submitByKey}
        />
        <div className="notes">
          <p id={`${id}-problem`} className="problem">
            {problem}
          </p>
          <p id={`${id}-length`}>
            {formatCount(lengthOf(prompt))} of {formatCount(prompt_limit)} characters
          </p>
        </div>
      </div>
      <KindField
        value={kind}
        onChange={(value) => {
          change({ kind: value });
        }}
      />
      {kind === "image" && (
        <AspectRatioField
          value={aspect_ratio}
          onChange={(value) => {
            change({ aspect_ratio: value });
          }}
        />
      )}
      <div className="actions">
        {/* Not `disabled`, which would take the focus away from who pressed it. */}
        <button type="submit" className="primary" aria-disabled={isBusy}>
          {isBusy ? "Generating…" : "Generate"}
        </button>
        {isBusy ? (
          <button type="button" onClick={generating.cancel}>
            Cancel
          </button>
        ) : (
          <p className="hint">
            or press <kbd>Ctrl</kbd> + <kbd>Enter</kbd>
          </p>
        )}
      </div>
    </form>
  );
}

function problemOf(prompt: string, limit: number): string {
  const excess = lengthOf(prompt) - limit;
  if (excess > 0) return `Too long by ${formatCount(excess)}. Shorten the prompt.`;
  return prompt.trim() === "" ? "Write a prompt first." : "";
}

/** Counts as the service does: characters, not UTF-16 units, and none for space around the text. */
function lengthOf(prompt: string): number {
  return Array.from(prompt.trim()).length;
}
