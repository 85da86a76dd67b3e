import { useId, useState } from "react";
import { PRESETS, problemOf, type Days, type Preset } from "./days";

interface RangePickerProps {
  days: Days;
  /** The range that the days are of; null when they were chosen themselves. */
  preset: Preset | null;
  onChange: (range: Preset | Days) => void;
}

/** Which days to look at. */
export function RangePicker({ days, preset, onChange }: Readonly<RangePickerProps>) {
  const id = useId();
  // What is typed and cannot be asked for; it counts until other days are looked at.
  const [typed, setTyped] = useState<{ instead: string; days: Days } | null>(null);
  const key = `${days.since} ${days.until}`;
  const shown = typed?.instead === key ? typed.days : days;
  const problem = problemOf(shown);

  function change(changes: Partial<Days>) {
    const next = { ...shown, ...changes };
    const isAskable = problemOf(next) === null;
    setTyped(isAskable ? null : { instead: key, days: next });
    if (isAskable) onChange(next);
  }

  return (
    <fieldset className="field range" aria-label="Range">
      <div className="presets">
        {(Object.keys(PRESETS) as Preset[]).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === preset && shown === days}
            onClick={() => {
              setTyped(null);
              onChange(each);
            }}
          >
            {PRESETS[each]}
          </button>
        ))}
      </div>
      {(["since", "until"] as const).map((end) => (
        <div key={end} className="field">
          <label htmlFor={`${id}-${end}`}>{end === "since" ? "From" : "To"}</label>
          <input
            id={`${id}-${end}`}
            type="date"
            value={shown[end]}
            aria-invalid={problem !== null}
            aria-describedby={`${id}-problem`}
            onChange={(event) => {
              change({ [end]: event.target.value });
            }}
          />
        </div>
      ))}
      <p className="problem" id={`${id}-problem`} role="alert">
        {problem}
      </p>
    </fieldset>
  );
}
