/**
 * Yields an answer's lines as they come, whichever parts they come in; what follows the last line end is no line.
 *
 * They end as well when the connection breaks: whoever reads knows by the last line whether it is all.
 *
 * @param signal - The request's; rejects with the reason of its abort.
 */
export async function* linesOf(response: Response, signal: AbortSignal): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  while (reader !== undefined) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      if (signal.aborted) throw error;
      return { done: true, value: undefined } as const;
    });
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
