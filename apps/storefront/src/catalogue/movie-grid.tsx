import { Link } from '@tanstack/react-router';
import type { MovieCard } from '../cinema.ts';
import { formatMoney } from '../ui/format.ts';
import { Skeleton } from '../ui/page.tsx';
import { Poster } from '../ui/poster.tsx';

const GRID = 'grid grid-cols-2 gap-x-4 gap-y-8 sm:grid-cols-3 md:grid-cols-4 lg:grid-cols-5 xl:grid-cols-6 sm:gap-x-6';

/** Films as poster cards. */
export function MovieGrid({ movies, isFaded }: { movies: MovieCard[]; isFaded: boolean }) {
  return (
    <ul className={`${GRID} transition-opacity ${isFaded ? 'opacity-50' : ''}`}>
      {movies.map((movie) => (
        <li key={movie.id} className="animate-appear">
          <MovieTile movie={movie} />
        </li>
      ))}
    </ul>
  );
}

function MovieTile({ movie }: { movie: MovieCard }) {
  return (
    <Link to="/movies/$movieId" params={{ movieId: movie.slug }} className="group grid gap-3 rounded-xl">
      <span className="relative block overflow-hidden rounded-xl shadow-lg shadow-black/60 ring-1 ring-white/5 transition-transform duration-300 group-hover:-translate-y-1.5">
        <Poster url={movie.posterUrl} />
        {movie.hasVideo && (
          <span className="absolute top-2 right-2 rounded-full bg-night/85 px-2.5 py-1 text-xs font-semibold text-lamp">
            ▶<span className="sr-only"> has video</span>
          </span>
        )}
      </span>
      <span className="grid gap-1">
        <span className="line-clamp-2 leading-snug font-semibold group-hover:text-lamp">{movie.name}</span>
        <span className="flex flex-wrap justify-between gap-x-3 text-sm text-dust">
          <span>
            {movie.year} · <span className="sr-only">IMDb </span>★ {movie.imdb.toFixed(1)}
          </span>
          <span className={movie.price ? 'text-screen' : ''}>
            {movie.price ? formatMoney(movie.price) : 'Not for sale'}
          </span>
        </span>
      </span>
    </Link>
  );
}

/** The grid's shape, before its films are there. */
export function MovieGridSkeleton({ count }: { count: number }) {
  return (
    <Skeleton label="Loading films">
      <div className={GRID}>
        {Array.from({ length: count }, (_, index) => (
          <div key={index} className="grid gap-3">
            <div className="aspect-2/3 rounded-xl bg-velvet" />
            <div className="h-4 w-3/4 rounded bg-velvet" />
            <div className="h-3 w-1/2 rounded bg-velvet" />
          </div>
        ))}
      </div>
    </Skeleton>
  );
}
