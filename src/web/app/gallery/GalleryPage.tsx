import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { Problem } from "../Problem";
import { GENERATIONS_KEY } from "../queryClient";
import type { Search } from "../service/api";
import { useApi } from "../service/ApiContext";
import { useSession } from "../service/SessionContext";
import { useTitle } from "../useTitle";
import { Card } from "./Card";
import { SearchForm } from "./SearchForm";
import { useSearch } from "./useSearch";
import "./gallery.css";

/** What was generated, the newest first; new ones appear by themselves. */
export function GalleryPage() {
  const { is_admin, user } = useSession();
  const [search, setSearch] = useSearch();
  useTitle("Gallery");
  return (
    <>
      <div className="heading">
        <h1>Gallery</h1>
        <p>{is_admin ? "What everybody made" : `What ${user} made`}, the newest first.</p>
      </div>
      <SearchForm search={search} onChange={setSearch} />
      <Found search={search} />
    </>
  );
}

function Found({ search }: Readonly<{ search: Search }>) {
  const api = useApi();
  const found = useInfiniteQuery({
    queryKey: [...GENERATIONS_KEY, search],
    queryFn: ({ pageParam, signal }) => api.generations(search, pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
  const generations = found.data?.pages.flatMap((page) => page.generations) ?? [];

  async function showMore() {
    const { isRefetching } = found;
    await found.fetchNextPage();
    // It has broken off what was asked for because something new came.
    if (isRefetching) await found.refetch();
  }

  return (
    <section className="found" aria-label="Generations" aria-busy={found.isFetching}>
      {found.isPending && <output>Loading the gallery…</output>}
      {found.isError && (
        <Problem
          title="The gallery did not load"
          error={found.error}
          onRetry={() => {
            void found.refetch();
          }}
        />
      )}
      {found.isSuccess && generations.length === 0 && <Nothing search={search} />}
      {generations.length > 0 && (
        <ol className="cards">
          {generations.map((generation) => (
            <Card key={generation.id} generation={generation} />
          ))}
        </ol>
      )}
      {found.hasNextPage && (
        <button
          type="button"
          aria-disabled={found.isFetchingNextPage}
          onClick={() => {
            if (!found.isFetchingNextPage) void showMore();
          }}
        >
          {found.isFetchingNextPage ? "Loading…" : "Show more"}
        </button>
      )}
    </section>
  );
}

function Nothing({ search }: Readonly<{ search: Search }>) {
  const isSearch = Object.values({ ...search }).some((value) => value !== "");
  if (isSearch) return <p className="empty">Nothing matches. Look for something else, or for less.</p>;
  return (
    <p className="empty">
      Nothing yet. <Link href="/">The first one you make</Link> appears here.
    </p>
  );
}
