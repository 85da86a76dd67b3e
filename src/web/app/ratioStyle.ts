import type { CSSProperties } from "react";
import { ratioOf } from "./format";

/** Hands a ratio such as "16:9" to the stylesheet, as its custom property `--ratio`. */
export function ratioStyle(aspectRatio: string): CSSProperties {
  return { "--ratio": ratioOf(aspectRatio) } as CSSProperties;
}
