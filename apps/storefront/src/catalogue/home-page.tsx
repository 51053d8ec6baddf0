import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { trpc } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/format.ts';
import { Empty, Failure } from '../ui/notice.tsx';
import { MovieGrid, MovieGridSkeleton } from './movie-grid.tsx';
import { isSortName, SORT_NAMES, SORTS, type SortName } from './sorts.ts';

const PAGE_SIZE = 30;
const TYPING_PAUSE_MS = 250;

/** All films: search as you type, choose an order, scroll. */
export function HomePage({ search }: { search: { query?: string; sort?: SortName } }) {
  const { query, sort } = search;
  const input = {
    limit: PAGE_SIZE,
    ...(query !== undefined && { query }),
    ...(sort && { sort: SORTS[sort].sort, order: SORTS[sort].order }),
  };
  const movies = useInfiniteQuery({
    ...trpc.movies.list.infiniteQueryOptions(input, { getNextPageParam: (page) => page.nextCursor }),
    placeholderData: keepPreviousData,
  });
  const films = movies.data?.pages.flatMap((page) => page.items) ?? [];
  const [first] = movies.data?.pages ?? [];

  return (
    <div className="grid gap-10">
      <title>{query === undefined ? 'Online Cinema' : `${query} – Online Cinema`}</title>
      <div className="grid gap-8 py-4 sm:py-10">
        <h1 className="max-w-3xl font-display text-4xl text-balance sm:text-6xl">
          What shall we watch <em className="text-lamp">tonight?</em>
        </h1>
        <SearchBar search={search} />
      </div>

      <section aria-labelledby="films" className="grid gap-6">
        <div className="flex items-baseline gap-4">
          <h2 id="films" className="font-display text-2xl">
            {query === undefined ? 'Films' : `Films for “${query}”`}
          </h2>
          <p aria-live="polite" className="text-dust">
            {first?.total != null && `${formatCount(first.total)}${first.totalIsCapped ? '+' : ''}`}
          </p>
        </div>
        {movies.isPending && <MovieGridSkeleton count={PAGE_SIZE / 2} />}
        {movies.error && !movies.data && <Failure error={movies.error} onRetry={() => void movies.refetch()} />}
        {movies.data && films.length === 0 && <NothingFound />}
        <MovieGrid movies={films} isFaded={movies.isPlaceholderData} />
        {movies.hasNextPage && (
          <More
            isLoading={movies.isFetchingNextPage}
            onMore={movies.fetchNextPage}
            hasFailed={movies.isFetchNextPageError}
          />
        )}
      </section>
    </div>
  );
}

function SearchBar({ search: { query, sort } }: { search: { query?: string; sort?: SortName } }) {
  const navigate = useNavigate();
  const [text, setText] = useState(query ?? '');
  const [shown, setShown] = useState(query);
  // The address changed by another way than typing, by a step back for instance.
  if (shown !== query) {
    setShown(query);
    if (text.trim() !== (query ?? '')) setText(query ?? '');
  }

  useEffect(() => {
    const typed = text.trim() === '' ? undefined : text.trim();
    if (typed === query) return;
    const timer = setTimeout(() => {
      void navigate({
        to: '/',
        search: { ...(sort && { sort }), ...(typed !== undefined && { query: typed }) },
        replace: true,
      });
    }, TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, query, sort, navigate]);

  return (
    <search className="flex flex-wrap gap-3">
      <label className="relative grow basis-72">
        <span className="sr-only">Search films and people</span>
        <svg
          viewBox="0 0 24 24"
          className="absolute top-1/2 left-5 size-5 -translate-y-1/2 text-dust"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          aria-hidden="true"
        >
          <path d="M16 16l5 5M18 10.5a7.5 7.5 0 1 1-15 0 7.5 7.5 0 0 1 15 0z" strokeLinecap="round" />
        </svg>
        <input
          type="search"
          value={text}
          maxLength={200}
          placeholder="A title, a director…"
          onChange={(event) => setText(event.target.value)}
          className="h-14 w-full rounded-full border border-seam bg-curtain pr-5 pl-13 text-lg placeholder:text-dust/70 hover:border-dust"
        />
      </label>
      <label>
        <span className="sr-only">Order</span>
        <select
          value={sort ?? ''}
          onChange={({ target }) => {
            const chosen = isSortName(target.value) ? target.value : undefined;
            void navigate({
              to: '/',
              search: { ...(query !== undefined && { query }), ...(chosen && { sort: chosen }) },
              replace: true,
            });
          }}
          className="h-14 rounded-full border border-seam bg-curtain px-5 hover:border-dust"
        >
          <option value="">{query === undefined ? SORTS.popular.label : 'Best match'}</option>
          {SORT_NAMES.filter((name) => query !== undefined || name !== 'popular').map((name) => (
            <option key={name} value={name}>
              {SORTS[name].label}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

function NothingFound() {
  return (
    <Empty title="No film fits">
      Try fewer or other words: part of a title is enough, and so is a director’s name.
    </Empty>
  );
}

/** Loads the next page when the end of the list comes near, or at a click. */
function More({ isLoading, hasFailed, onMore }: { isLoading: boolean; hasFailed: boolean; onMore: () => unknown }) {
  const [end, setEnd] = useState<HTMLElement | null>(null);
  useEffect(() => {
    if (!end || isLoading || hasFailed) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onMore(), { rootMargin: '800px' });
    observer.observe(end);
    return () => observer.disconnect();
  }, [end, isLoading, hasFailed, onMore]);

  return (
    <div ref={setEnd} className="flex justify-center py-6">
      <Button look="plain" isBusy={isLoading} onClick={() => onMore()}>
        {hasFailed ? 'That did not work. Try again' : 'More films'}
      </Button>
    </div>
  );
}
