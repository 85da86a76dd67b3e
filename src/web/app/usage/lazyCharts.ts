import { lazy } from "react";

// The code that draws is most of the page's: the numbers and the controls do not wait for it.
const load = () => import("./charts");

/** The charts, each loaded when the first of them is shown. */
export const DayChart = lazy(async () => ({ default: (await load()).DayChart }));
export const UserChart = lazy(async () => ({ default: (await load()).UserChart }));
export const PointChart = lazy(async () => ({ default: (await load()).PointChart }));
