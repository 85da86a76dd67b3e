import { Suspense, useRef, type ReactNode } from "react";
import { useNear } from "./useNear";

// An img element could not hold the drawing.
const DRAWING = { role: "img" };

interface ChartProps {
  /** What it shows, in a sentence; its table has the numbers. */
  label: string;
  children: ReactNode;
}

/** A chart's frame: its room is kept free until it is scrolled to, and while the code that draws is loaded. */
export function Chart({ label, children }: Readonly<ChartProps>) {
  const frame = useRef<HTMLDivElement>(null);
  const isNear = useNear(frame);
  return (
    <div ref={frame} className="chart" {...DRAWING} aria-label={label}>
      <Suspense fallback={null}>{isNear && children}</Suspense>
    </div>
  );
}
