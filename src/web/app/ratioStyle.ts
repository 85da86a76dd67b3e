import type { CSSProperties } from "react";
import { ratioOf } from "./format";

/** Hands a ratio such as "16:9" to the stylesheet, as its custom property `--ratio`; a square's without one. */
export function ratioStyle(aspectRatio: string | null): CSSProperties {
  return { "--ratio": ratioOf(aspectRatio ?? "1:1") } as CSSProperties;
}
