import { formatCost, formatCount, formatDuration } from "./format";
import type { Generation } from "./service/generation";
import "./generation.css";

/** What a generation took: tokens, time and cost. */
export function Figures({ generation }: Readonly<{ generation: Generation }>) {
  const figures = [
    ["Input tokens", formatCount(generation.input_tokens)],
    ["Output tokens", formatCount(generation.output_tokens)],
    ["Processing time", formatDuration(generation.processing_time_ms)],
    ["Estimated cost", formatCost(generation.estimated_cost_usd)],
  ] as const;
  return (
    <dl className="figures">
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
