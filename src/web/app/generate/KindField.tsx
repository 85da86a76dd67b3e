import { useId } from "react";
import { KINDS, type GenerationKind } from "../service/generation";
import { useSession } from "../service/SessionContext";

const NAMES: Readonly<Record<GenerationKind, string>> = { image: "Picture", text: "Text" };

interface KindFieldProps {
  value: GenerationKind;
  onChange: (kind: GenerationKind) => void;
}

/** What to make, and by which model. */
export function KindField({ value, onChange }: Readonly<KindFieldProps>) {
  const name = useId();
  const { image_model, text_model, provider } = useSession();
  const models = { image: image_model, text: text_model };
  return (
    <fieldset className="field kinds">
      <legend>Make a</legend>
      {KINDS.map((kind) => (
        <label key={kind} className="kind">
          <input
            type="radio"
            name={name}
            value={kind}
            checked={kind === value}
            disabled={models[kind] === null}
            onChange={() => {
              onChange(kind);
            }}
          />
          <span>{NAMES[kind]}</span>
          <small>{models[kind] ?? `${provider} has no model for it`}</small>
        </label>
      ))}
    </fieldset>
  );
}
