import type { Generation, Session } from "../../src/web/app/service/generation";

/** Makes a generation as the service sends it. */
export function aGeneration(changes: Partial<Generation> = {}): Generation {
  const id = changes.id ?? "0b8a";
  return {
    id,
    created_at: "2026-11-23T09:05:00+00:00",
    user_email: "ada@example.com",
    kind: "image",
    provider: "local",
    model: "local-image-1",
    prompt: "A lighthouse",
    aspect_ratio: "16:9",
    image_url: `/api/images/${id}.png`,
    text: null,
    processing_time_ms: 1234.5,
    time_to_first_token_ms: null,
    input_tokens: 12,
    output_tokens: 4160,
    cached_input_tokens: null,
    cache_write_tokens: null,
    reasoning_tokens: null,
    image_tokens: 4160,
    estimated_cost_usd: 0.1665,
    ...changes,
  };
}

/** Makes a text as the service sends it. */
export function aText(changes: Partial<Generation> = {}): Generation {
  const text = { text: "A light that turns.", time_to_first_token_ms: 62 };
  return aGeneration({ kind: "text", model: "local-text-1", image_url: null, aspect_ratio: null, ...text, ...changes });
}

/** Makes a session as the service sends it. */
export function aSession(changes: Partial<Session> = {}): Session {
  return {
    user: "ada@example.com",
    is_admin: false,
    provider: "local",
    text_model: "local-text-1",
    image_model: "local-image-1",
    prompt_limit: 4000,
    time_zone: "UTC",
    ...changes,
  };
}
