import { useSearchParams } from "wouter";
import type { Search } from "../service/api";

const FIELDS = ["search", "user", "model"] as const;

/** What is looked for: it stands in the page's address, so that it can be shared and gone back to. */
export function useSearch(): [Search, (changes: Partial<Search>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const [search, user, model] = FIELDS.map((field) => parameters.get(field) ?? "");
  function change(changes: Partial<Search>) {
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        for (const field of FIELDS) {
          const value = changes[field];
          if (value === "") after.delete(field);
          else if (value !== undefined) after.set(field, value);
        }
        return after;
      },
      { replace: true },
    );
  }
  return [{ search: search ?? "", user: user ?? "", model: model ?? "" }, change];
}
