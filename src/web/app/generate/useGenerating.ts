import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { FILTERS_KEY, GENERATIONS_KEY } from "../queryClient";
import { useApi } from "../service/ApiContext";
import type { Generation, GenerationRequest } from "../service/generation";

/** What is being generated, or was at last. */
export interface Generating {
  state: "idle" | "running" | "cancelled" | "failed" | "done";
  /** What was asked for; null before the first. */
  request: GenerationRequest | null;
  /** The text as far as it has come. */
  text: string;
  /** When it was asked for, in milliseconds since 1970. */
  since: number;
  error: Error | null;
  generation: Generation | null;
  start: (request: GenerationRequest) => void;
  cancel: () => void;
}

/** Generates one after the other. */
export function useGenerating(): Generating {
  const api = useApi();
  const queryClient = useQueryClient();
  const running = useRef(new AbortController());
  const [text, setText] = useState("");
  const mutation = useMutation({
    mutationFn: ({ kind, prompt, aspect_ratio }: GenerationRequest) => {
      const { signal } = (running.current = new AbortController());
      setText("");
      if (kind === "image") return api.generateImage({ prompt, aspect_ratio }, signal);
      return api.generateText({ prompt }, (part) => {
        setText((before) => before + part);
      }, signal);
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: GENERATIONS_KEY });
      await queryClient.invalidateQueries({ queryKey: FILTERS_KEY });
    },
  });

  return {
    state: stateOf(mutation),
    request: mutation.variables ?? null,
    text,
    since: mutation.submittedAt,
    error: mutation.error,
    generation: mutation.data ?? null,
    start: mutation.mutate,
    cancel: () => {
      running.current.abort();
    },
  };
}

interface Mutation {
  status: "idle" | "pending" | "error" | "success";
  error: Error | null;
}

function stateOf({ status, error }: Mutation): Generating["state"] {
  if (error?.name === "AbortError") return "cancelled";
  return ({ idle: "idle", pending: "running", error: "failed", success: "done" } as const)[status];
}
