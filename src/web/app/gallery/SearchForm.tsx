import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { FILTERS_KEY } from "../queryClient";
import type { Search } from "../service/api";
import { useApi } from "../service/ApiContext";
import { useSession } from "../service/SessionContext";
import { SelectField } from "./SelectField";

interface SearchFormProps {
  search: Search;
  onChange: (changes: Partial<Search>) => void;
}

/** What to look for in the gallery. */
export function SearchForm({ search, onChange }: Readonly<SearchFormProps>) {
  const id = useId();
  const api = useApi();
  const { is_admin } = useSession();
  const [words, setWords] = useState(search.search);
  // Without them the search by words still works.
  const filters = useQuery({ queryKey: FILTERS_KEY, queryFn: ({ signal }) => api.filters(signal) });
  return (
    <form
      className="search-form"
      role="search"
      aria-label="Gallery"
      onSubmit={(event) => {
        event.preventDefault();
        onChange({ search: words.trim() });
      }}
    >
      <div className="field">
        <label htmlFor={`${id}-words`}>Prompt</label>
        <input
          id={`${id}-words`}
          type="search"
          dir="auto"
          maxLength={200}
          value={words}
          onChange={(event) => {
            setWords(event.target.value);
            // The browser's own button to clear the field sends no form.
            if (event.target.value === "") onChange({ search: "" });
          }}
        />
      </div>
      {is_admin && (
        <SelectField
          label="User"
          all="Everybody"
          value={search.user}
          values={filters.data?.users ?? []}
          onChange={(user) => {
            onChange({ user });
          }}
        />
      )}
      <SelectField
        label="Model"
        all="All models"
        value={search.model}
        values={filters.data?.models ?? []}
        onChange={(model) => {
          onChange({ model });
        }}
      />
      <button type="submit">Search</button>
    </form>
  );
}
