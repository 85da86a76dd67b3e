/** How all charts look and behave. */

// Before the first measurement.
const initialDimension = { width: 560, height: 288 };

export const FILL = { width: "100%", height: "100%", initialDimension } as const;
// What the chart says is said by its frame and its table; none of it is to be focused.
export const CHART = { accessibilityLayer: false, margin: { top: 8, right: 12, bottom: 0, left: 0 } } as const;
export const AXIS = { stroke: "var(--edge)", tickLine: false } as const;
export const VALUE_AXIS = { ...AXIS, axisLine: false, width: "auto" } as const;
export const GRID = { stroke: "var(--line)" } as const;
export const TOOLTIP = {
  separator: ": ",
  isAnimationActive: false,
  contentStyle: {
    background: "var(--surface)",
    border: "1px solid var(--edge)",
    borderRadius: "var(--radius-small)",
    fontSize: "0.875rem",
  },
  itemStyle: { color: "var(--ink)", padding: 0 },
  cursor: { fill: "var(--sunken)", stroke: "none" },
} as const;
