import { useId, type ReactNode } from "react";

interface PanelProps {
  title: string;
  /** Whether it takes the page's whole width. */
  isWide?: boolean;
  /** Whether other numbers than the shown ones are awaited. */
  isBusy?: boolean;
  children: ReactNode;
}

/** A part of the usage page, with its heading. */
export function Panel({ title, isWide = false, isBusy = false, children }: Readonly<PanelProps>) {
  const id = useId();
  return (
    <section className={isWide ? "panel wide" : "panel"} aria-labelledby={id} aria-busy={isBusy}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
