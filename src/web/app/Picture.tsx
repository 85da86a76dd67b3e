import { shorten } from "./format";
import { ratioStyle } from "./ratioStyle";
import type { Generation } from "./service/generation";
import "./generation.css";

interface PictureProps {
  generation: Generation;
  /** Where the picture is. */
  source: string;
}

/** A picture, as large as there is room. */
export function Picture({ generation, source }: Readonly<PictureProps>) {
  return (
    <figure className="stage" style={ratioStyle(generation.aspect_ratio)}>
      <img src={source} alt={describe(generation)} />
    </figure>
  );
}

/** Returns what stands for a generation in words: its prompt, where that is kept. */
export function describe({ prompt, kind }: Generation): string {
  if (prompt !== "") return shorten(prompt, 120);
  return kind === "image" ? "A picture whose prompt is not kept" : "A text whose prompt is not kept";
}

/** Returns a generation's text, or that it is not kept, as where prompts are not: it may quote its own. */
export function textOf({ text }: Generation): string {
  return text ?? "The text is not kept.";
}
