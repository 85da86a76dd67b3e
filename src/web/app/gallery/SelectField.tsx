import { useId } from "react";

interface SelectFieldProps {
  label: string;
  /** What stands for no choice. */
  all: string;
  value: string;
  values: readonly string[];
  onChange: (value: string) => void;
}

/** A choice of one value or of all. */
export function SelectField({ label, all, value, values, onChange }: Readonly<SelectFieldProps>) {
  const id = useId();
  // What was chosen stays to be seen, though there is nothing of it any more.
  const shown = value === "" || values.includes(value) ? values : [value, ...values];
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      >
        <option value="">{all}</option>
        {shown.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </div>
  );
}
