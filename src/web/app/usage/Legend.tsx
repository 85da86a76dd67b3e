import type { Series } from "./series";

/** What each colour of a chart stands for. */
export function Legend({ series }: Readonly<{ series: readonly Series[] }>) {
  return (
    <ul className="legend">
      {series.map(({ name, colour }) => (
        <li key={name}>
          <span className="swatch" style={{ background: colour }} />
          {name}
        </li>
      ))}
    </ul>
  );
}
