import { useId } from "react";
import { ASPECT_RATIOS, type AspectRatio } from "../service/generation";
import { ratioStyle } from "../ratioStyle";

interface AspectRatioFieldProps {
  value: AspectRatio;
  onChange: (value: AspectRatio) => void;
}

/** The choice of a shape, each drawn beside its name. */
export function AspectRatioField({ value, onChange }: Readonly<AspectRatioFieldProps>) {
  const name = useId();
  return (
    <fieldset className="field ratios">
      <legend>Aspect ratio</legend>
      {ASPECT_RATIOS.map((ratio) => (
        <label key={ratio} className="ratio">
          <input
            type="radio"
            name={name}
            value={ratio}
            checked={ratio === value}
            onChange={() => {
              onChange(ratio);
            }}
          />
          <span className="shape" style={ratioStyle(ratio)} aria-hidden="true" />
          {ratio}
        </label>
      ))}
    </fieldset>
  );
}
