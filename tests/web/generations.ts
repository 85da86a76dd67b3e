import type { Generation } from "../../src/web/app/generation";

/** Makes a generation as the service sends it. */
export function aGeneration(changes: Partial<Generation> = {}): Generation {
  const id = changes.id ?? "0b8a";
  return {
    id,
    created_at: "2026-11-23T09:05:00+00:00",
    user_email: "ada@example.com",
    prompt: "A lighthouse",
    aspect_ratio: "16:9",
    image_url: `/api/images/${id}.png`,
    processing_time_ms: 1234.5,
    input_tokens: 12,
    output_tokens: 4160,
    estimated_cost_usd: 0.1665,
    ...changes,
  };
}
