import { isCinemaError } from '@online-cinema/client';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Movie, trpc } from '../cinema.ts';
import { NotFoundPage } from '../layout/not-found-page.tsx';
import { formatCount, formatDay, formatMinutes, formatMoney } from '../ui/format.ts';
import { Failure } from '../ui/notice.tsx';
import { Skeleton } from '../ui/page.tsx';
import { Poster } from '../ui/poster.tsx';
import { MovieActions } from './movie-actions.tsx';

/** One film: everything about it, and the way to see it. `movieId` is an id or a slug. */
export function MoviePage({ movieId }: { movieId: string }) {
  const { data: movie, error, refetch } = useQuery(trpc.movies.get.queryOptions({ movieId }));
  // A slug that no film can have is as good as an unknown one.
  const isUnknown = isCinemaError(error, 'not_found') || isCinemaError(error, 'invalid_input');
  if (isUnknown) return <NotFoundPage what="film" />;
  if (error && !movie) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!movie) return <MovieSkeleton />;
  return (
    <>
      <title>{`${movie.name} (${movie.year}) – Online Cinema`}</title>
      <Backdrop url={movie.posterUrl} />
      <article className="grid animate-appear gap-8 md:grid-cols-[minmax(0,22rem)_1fr] lg:gap-16">
        <Poster
          url={movie.posterUrl}
          className="mx-auto max-w-72 shadow-2xl shadow-black/70 md:max-w-none md:rounded-2xl"
        />
        <div className="grid content-start gap-7">
          <header className="grid gap-3">
            <h1 className="font-display text-4xl text-balance sm:text-6xl">{movie.name}</h1>
            <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-lg text-dust">
              <span>{movie.year}</span>
              <span aria-hidden="true">·</span>
              <span>{formatMinutes(movie.time)}</span>
              <span aria-hidden="true">·</span>
              <span className="rounded border border-dust/60 px-2 text-sm leading-6">{movie.certification.name}</span>
            </p>
          </header>
          <Genres movie={movie} />
          <Scores movie={movie} />
          <p className="max-w-prose text-lg leading-relaxed">{movie.description}</p>
          <MovieActions movie={movie} />
          <Facts movie={movie} />
        </div>
      </article>
    </>
  );
}

/** The poster's colours, far out of focus, behind the page. */
function Backdrop({ url }: { url: string | null }) {
  if (url === null) return null;
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none fixed inset-x-0 top-0 -z-10 h-[44rem] mask-b-from-20% opacity-30 blur-3xl"
    >
      <img src={url} alt="" className="size-full object-cover" />
    </div>
  );
}

function Genres({ movie }: { movie: Movie }) {
  return (
    <ul aria-label="Genres" className="flex flex-wrap gap-2">
      {movie.genres.map((genre) => (
        <li key={genre.id} className="rounded-full bg-velvet px-4 py-1.5 text-sm">
          {genre.name}
        </li>
      ))}
    </ul>
  );
}

function Scores({ movie }: { movie: Movie }) {
  return (
    <dl className="flex flex-wrap gap-x-10 gap-y-4">
      <Score name="IMDb" note={`${formatCount(movie.votes)} votes`}>
        ★ {movie.imdb.toFixed(1)}
      </Score>
      {movie.metaScore !== null && <Score name="Metascore">{movie.metaScore}</Score>}
      {movie.ratingAverage !== null && (
        <Score name="Our viewers" note={`${formatCount(movie.ratingCount)} ratings`}>
          {movie.ratingAverage.toFixed(1)}
        </Score>
      )}
    </dl>
  );
}

function Score({ name, note, children }: { name: string; note?: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-dust">{name}</dt>
      <dd className="flex items-baseline gap-2">
        <span className="text-2xl font-semibold text-lamp">{children}</span>
        {note !== undefined && <span className="text-sm text-dust">{note}</span>}
      </dd>
    </div>
  );
}

function Facts({ movie }: { movie: Movie }) {
  const facts: [name: string, value: string | null][] = [
    [movie.directors.length > 1 ? 'Directors' : 'Director', namesOf(movie.directors)],
    ['Stars', namesOf(movie.stars)],
    ['Released', movie.releaseDate && formatDay(movie.releaseDate)],
    ['Countries', namesOf(movie.countries)],
    ['Languages', namesOf(movie.languages)],
    ['Budget', movie.budget && formatMoney(movie.budget, { whole: true })],
    ['Box office', movie.gross && formatMoney(movie.gross, { whole: true })],
  ];
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-8 gap-y-3 border-t border-seam pt-7">
      {facts.map(
        ([name, value]) =>
          value !== null &&
          value !== '' && (
            <div key={name} className="col-span-2 grid grid-cols-subgrid">
              <dt className="text-dust">{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function namesOf(people: { name: string }[]): string {
  return people.map(({ name }) => name).join(', ');
}

function MovieSkeleton() {
  return (
    <Skeleton label="Loading the film">
      <div className="grid gap-8 md:grid-cols-[minmax(0,22rem)_1fr] lg:gap-16">
        <div className="mx-auto aspect-2/3 w-full max-w-72 rounded-2xl bg-velvet md:max-w-none" />
        <div className="grid content-start gap-6">
          <div className="h-14 w-3/4 rounded-xl bg-velvet" />
          <div className="h-6 w-1/2 rounded bg-velvet" />
          <div className="h-32 rounded-xl bg-velvet" />
          <div className="h-12 w-48 rounded-full bg-velvet" />
        </div>
      </div>
    </Skeleton>
  );
}
