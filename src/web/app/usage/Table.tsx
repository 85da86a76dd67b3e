// What scrolls must be in the keyboard's reach, and have a name then.
const SCROLLING = { role: "region", tabIndex: 0 };

export interface TableProps {
  name: string;
  head: readonly string[];
  /** Each row's cells; no two rows are alike. */
  rows: readonly (readonly string[])[];
  /** How many of the first cells say what a row is of. */
  names?: number;
}

/** A table of numbers, which scrolls where it does not fit. */
export function Table({ name, head, rows, names = 1 }: Readonly<TableProps>) {
  return (
    <div className="scrolling" {...SCROLLING} aria-label={`${name}: table`}>
      <table aria-label={name}>
        <thead>
          <tr>
            {head.map((label, column) => (
              <th key={label} scope="col" className={column < names ? "name" : undefined}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells) => (
            <tr key={cells.join(" ")}>
              {head.map((label, column) => (
                <Cell key={label} text={cells[column] ?? ""} isName={column < names} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ text, isName }: Readonly<{ text: string; isName: boolean }>) {
  if (!isName) return <td>{text}</td>;
  return (
    <th scope="row" className="name">
      {text}
    </th>
  );
}
