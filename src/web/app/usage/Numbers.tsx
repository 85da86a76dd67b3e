import { useState } from "react";
import { Table, type TableProps } from "./Table";

interface NumbersProps extends Omit<TableProps, "name"> {
  title: string;
  /** Which of a part's tables it is, where there are several. */
  which?: string;
  csv: string;
}

/** A chart's numbers: as a table, and as a file. */
export function Numbers({ title, which = "", csv, ...table }: Readonly<NumbersProps>) {
  // Not before it is looked at: a year's has thousands of rows.
  const [isOpen, setIsOpen] = useState(false);
  const of = (
    <>
      <span className="visually-hidden"> of {title}</span>
      {which}
    </>
  );
  return (
    <div className="numbers">
      <details
        onToggle={(event) => {
          setIsOpen(event.currentTarget.open);
        }}
      >
        <summary>Table{of}</summary>
        {isOpen && <Table name={`${title}${which}`} {...table} />}
      </details>
      <a href={csv} download>
        Download CSV{of}
      </a>
    </div>
  );
}
