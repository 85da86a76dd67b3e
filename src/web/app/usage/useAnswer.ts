import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { USAGE_KEY } from "../queryClient";
import type { Question, UsageApi } from "../service/usageApi";

export interface Answered<Asked, Told> {
  /** What was asked: something else may be asked by now, which is not answered yet. */
  asked: Asked;
  told: Told;
  /** Where the same answer lies as a CSV file. */
  csv: string;
}

/**
 * Asks one of the questions about usage, and again each minute.
 *
 * @param isDue - Whether it is to be asked yet.
 */
export function useAnswer<Asked extends object, Told>(
  name: keyof UsageApi,
  question: Question<Asked, Told>,
  asked: Asked,
  isDue = true,
): UseQueryResult<Answered<Asked, Told>> {
  return useQuery({
    queryKey: [...USAGE_KEY, name, asked],
    queryFn: async ({ signal }) => ({ asked, told: await question(asked, signal), csv: question.csv(asked) }),
    enabled: isDue,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    refetchInterval: 60_000,
  });
}

/** Tells whether other numbers are awaited than those that are shown; that the same ones are asked again is no news. */
export function isAwaited({ isPending, isPlaceholderData }: UseQueryResult): boolean {
  return isPending || isPlaceholderData;
}
