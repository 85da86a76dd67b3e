import { useId, useRef, useState, type KeyboardEvent, type SubmitEvent } from "react";
import { AspectRatioField } from "./AspectRatioField";
import { formatCount } from "./format";
import { PROMPT_LIMIT, type AspectRatio, type GenerationRequest } from "./generation";

interface PromptFormProps {
  /** Whether a picture is being generated: until it is done no other is asked for. */
  busy: boolean;
  onSubmit: (request: GenerationRequest) => void;
}

/** What a picture is asked with. It keeps the prompt whatever becomes of the request. */
export function PromptForm({ busy, onSubmit }: Readonly<PromptFormProps>) {
  const id = useId();
  const textarea = useRef<HTMLTextAreaElement>(null);
  const [prompt, setPrompt] = useState("");
  const [aspectRatio, setAspectRatio] = useState<AspectRatio>("1:1");
  const [problem, setProblem] = useState("");

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (busy) return;
    const found = problemOf(prompt);
    setProblem(found);
    if (found === "") onSubmit({ prompt: prompt.trim(), aspect_ratio: aspectRatio });
    else textarea.current?.focus();
  }

  function submitByKey(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  }

  return (
    <form className="prompt-form" aria-label="New picture" noValidate onSubmit={submit}>
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
            {formatCount(lengthOf(prompt))} of {formatCount(PROMPT_LIMIT)} characters
          </p>
        </div>
      </div>
      <AspectRatioField value={aspectRatio} onChange={setAspectRatio} />
      <div className="actions">
        {/* Not `disabled`, which would take the focus away from who pressed it. */}
        <button type="submit" className="primary" aria-disabled={busy}>
          {busy ? "Generating…" : "Generate"}
        </button>
        <p className="hint">
          or press <kbd>Ctrl</kbd> + <kbd>Enter</kbd>
        </p>
      </div>
    </form>
  );
}

function problemOf(prompt: string): string {
  const excess = lengthOf(prompt) - PROMPT_LIMIT;
  if (excess > 0) return `Too long by ${formatCount(excess)}. Shorten the prompt.`;
  return prompt.trim() === "" ? "Write a prompt first." : "";
}

/** Counts as the service does: characters, not UTF-16 units, and none for space around the text. */
function lengthOf(prompt: string): number {
  return Array.from(prompt.trim()).length;
}
