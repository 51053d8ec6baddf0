import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type LibraryItem, trpc } from '../cinema.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { formatDay, formatSeconds } from '../ui/format.ts';
import { Empty, Failure } from '../ui/notice.tsx';
import { Page, SkeletonRows } from '../ui/page.tsx';
import { Poster } from '../ui/poster.tsx';
import { ContinueWatching } from './continue-watching.tsx';

const PAGE_SIZE = 30;

/** The films one owns, and how far one has come in each. */
export function LibraryPage() {
  const library = useInfiniteQuery(
    trpc.library.list.infiniteQueryOptions({ limit: PAGE_SIZE }, { getNextPageParam: (page) => page.nextCursor }),
  );
  const items = library.data?.pages.flatMap((page) => page.items);

  return (
    <Page title="Your library">
      <ContinueWatching />
      {library.isPending && <SkeletonRows label="Loading your library" />}
      {library.error && <Failure error={library.error} onRetry={() => void library.refetch()} />}
      {items?.length === 0 && (
        <Empty title="Your shelf is empty" action={<ButtonLink to="/">Choose a film</ButtonLink>}>
          The films you buy stay here, to be watched as often as you like.
        </Empty>
      )}
      <ul className="grid gap-x-6 gap-y-8 sm:grid-cols-2 lg:grid-cols-3">
        {items?.map((item) => (
          <li key={item.movie.id} className="animate-appear">
            <LibraryCard item={item} />
          </li>
        ))}
      </ul>
      {library.hasNextPage && (
        <Button look="plain" isBusy={library.isFetchingNextPage} onClick={() => void library.fetchNextPage()}>
          More films
        </Button>
      )}
    </Page>
  );
}

function LibraryCard({ item: { movie, boughtAt, progress } }: { item: LibraryItem }) {
  return (
    <article className="flex gap-5 rounded-2xl border border-seam bg-curtain p-4">
      <Link
        to="/movies/$movieId"
        params={{ movieId: movie.slug }}
        tabIndex={-1}
        aria-hidden="true"
        className="w-28 shrink-0"
      >
        <Poster url={movie.posterUrl} className="rounded-lg" />
      </Link>
      <div className="flex grow flex-col items-start gap-2">
        <h2 className="text-lg leading-snug font-semibold">
          <Link to="/movies/$movieId" params={{ movieId: movie.slug }} className="hover:text-lamp">
            {movie.name}
          </Link>
        </h2>
        <p className="text-sm text-dust">Yours since {formatDay(boughtAt)}</p>
        {progress && <Progress progress={progress} />}
        <div className="mt-auto pt-2">
          {movie.hasVideo ? (
            <ButtonLink look="plain" to="/watch/$movieId" params={{ movieId: movie.slug }}>
              ▶ {wordFor(progress)}
              <span className="sr-only"> {movie.name}</span>
            </ButtonLink>
          ) : (
            <p className="text-sm text-dust">No video here yet.</p>
          )}
        </div>
      </div>
    </article>
  );
}

function Progress({ progress }: { progress: NonNullable<LibraryItem['progress']> }) {
  const { position, duration, watchedAt } = progress;
  if (watchedAt) return <p className="text-sm text-exit">✓ Watched</p>;
  return (
    <div className="grid w-full gap-1 text-sm text-dust">
      <progress value={position} max={duration} aria-label="How far you have come" className={BAR} />
      <span>
        {formatSeconds(position)} of {formatSeconds(duration)}
      </span>
    </div>
  );
}

const BAR =
  'h-1.5 w-full appearance-none overflow-hidden rounded-full bg-velvet [&::-moz-progress-bar]:bg-lamp [&::-webkit-progress-bar]:bg-velvet [&::-webkit-progress-value]:bg-lamp';

function wordFor(progress: LibraryItem['progress']): string {
  if (!progress) return 'Watch';
  return progress.watchedAt ? 'Watch again' : 'Continue';
}
