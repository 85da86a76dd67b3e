import type { Series } from "./series";

interface LegendProps {
  /** Each with its value in words, where one is told. */
  series: readonly (Series & { value?: string })[];
}

/** What each colour of a chart stands for. */
export function Legend({ series }: Readonly<LegendProps>) {
  return (
    <ul className="legend">
      {series.map(({ name, colour, value }) => (
        <li key={name}>
          <span className="swatch" style={{ background: colour }} />
          <span className="name">{name}</span>
          {value !== undefined && <span className="value">{value}</span>}
        </li>
      ))}
    </ul>
  );
}
