import { useState } from "react";
import type { GenerationRequest } from "../service/generation";
import { useSession } from "../service/SessionContext";

/** What is about to be asked for. */
export interface Draft extends GenerationRequest {
  change: (changes: Partial<GenerationRequest>) => void;
}

/** Keeps what is typed and chosen while other pages are looked at. */
export function useDraft(): Draft {
  const { image_model } = useSession();
  const [request, setRequest] = useState<GenerationRequest>({
    kind: image_model === null ? "text" : "image",
    prompt: "",
    aspect_ratio: "1:1",
  });
  return {
    ...request,
    change: (changes) => {
      setRequest((before) => ({ ...before, ...changes }));
    },
  };
}
