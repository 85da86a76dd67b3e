/** A text as it comes: lines of JSON, each with a part of it; the last one tells how it ended. */

import { readGeneration, type Generation } from "./generation";
import { agreed, ApiError, parse } from "./http";
import { linesOf } from "./lines";
import { isRecord } from "./shape";

/**
 * Reads a text to its end.
 *
 * @param response - The service's answer.
 * @param onPart - Called with each part of the text as it comes.
 * @param signal - The request's.
 * @returns The generation with the whole text; rejects with an ApiError when the text broke off.
 */
export async function readText(response: Response, onPart: (part: string) => void, signal: AbortSignal): Promise<Generation> {
  for await (const line of linesOf(response, signal)) {
    const said = parse(line);
    if (!isRecord(said)) break;
    if ("end" in said) return agreed(() => readGeneration(said["end"], "end"));
    if ("error" in said) throw new ApiError(String(said["error"]));
    if (typeof said["text"] === "string") onPart(said["text"]);
  }
  throw new ApiError("The text broke off: the connection to the service ended before it. Try again.");
}
