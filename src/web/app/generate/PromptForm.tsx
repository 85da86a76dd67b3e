import { useId, useRef, useState, type KeyboardEvent, type SubmitEvent } from "react";
import { formatCount } from "../format";
import type { AspectRatio, GenerationKind } from "../service/generation";
import { useSession } from "../service/SessionContext";
import { AspectRatioField } from "./AspectRatioField";
import { KindField } from "./KindField";
import type { Generating } from "./useGenerating";

/** What is asked for. It keeps the prompt whatever becomes of the request. */
export function PromptForm({ generating }: Readonly<{ generating: Generating }>) {
  const id = useId();
  const { image_model, prompt_limit } = useSession();
  const { request, state } = generating;
  const textarea = useRef<HTMLTextAreaElement>(null);
  const [prompt, setPrompt] = useState(request?.prompt ?? "");
  const [kind, setKind] = useState<GenerationKind>(request?.kind ?? (image_model === null ? "text" : "image"));
  const [aspectRatio, setAspectRatio] = useState<AspectRatio>(request?.aspect_ratio ?? "1:1");
  const [problem, setProblem] = useState("");
  const isBusy = state === "running";

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (isBusy) return;
    const found = problemOf(prompt, prompt_limit);
    setProblem(found);
    if (found === "") generating.start({ kind, prompt: prompt.trim(), aspect_ratio: aspectRatio });
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
          placeholder="A lighthouse in morning fog, seen from the sea"
          value={prompt}
          aria-invalid={problem !== ""}
          aria-describedby={`${id}-problem ${id}-length`}
          onChange={(event) => {
            setPrompt(event.target.value);
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
      <KindField value={kind} onChange={setKind} />
      {kind === "image" && <AspectRatioField value={aspectRatio} onChange={setAspectRatio} />}
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
