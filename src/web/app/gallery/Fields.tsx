import { formatCost, formatCount, formatDuration, formatMoment } from "../format";
import type { Generation } from "../service/generation";

/** All that is known of a generation but its prompt. */
export function Fields({ generation }: Readonly<{ generation: Generation }>) {
  return (
    <dl className="fields">
      {fieldsOf(generation).map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function fieldsOf(generation: Generation): (readonly [string, string])[] {
  const { aspect_ratio, time_to_first_token_ms } = generation;
  return [
    ["User", generation.user_email || "not kept"],
    ["Time", formatMoment(generation.created_at)],
    ["Kind", generation.kind],
    ["Provider", generation.provider],
    ["Model", generation.model],
    ...(aspect_ratio === null ? [] : [["Aspect ratio", aspect_ratio] as const]),
    ["Estimated cost", formatCost(generation.estimated_cost_usd)],
    ["Processing time", formatDuration(generation.processing_time_ms)],
    ...(time_to_first_token_ms === null
      ? []
      : [["Time to the first part", formatDuration(time_to_first_token_ms)] as const]),
    ["Input tokens", formatCount(generation.input_tokens)],
    ["Output tokens", formatCount(generation.output_tokens)],
    ["Cached input tokens", formatCount(generation.cached_input_tokens)],
    ["Cache write tokens", formatCount(generation.cache_write_tokens)],
    ["Reasoning tokens", formatCount(generation.reasoning_tokens)],
    ["Image tokens", formatCount(generation.image_tokens)],
    ["Event", generation.id],
  ];
}
