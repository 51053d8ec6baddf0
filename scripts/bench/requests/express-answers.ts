import type { Film, Named } from './express-entities.ts';

const STARS_ON_A_CARD = 3;

/** What a list shows of a film. Whether there is a trailer is a question more, and is left out. */
export function toCard(film: Film, publicUrl: string) {
  const { priceAmount, priceCurrency, grossAmount, grossCurrency, budgetAmount, budgetCurrency, ...rest } = film;
  const { posterKey, posterVersion, withdrawnAt: _withdrawn, description: _description, ...facts } = rest;
  const {
    likeCount: _likes,
    dislikeCount: _dislikes,
    favoriteCount: _favorites,
    commentCount: _comments,
    ...card
  } = facts;
  return {
    ...card,
    price: toMoney(priceAmount, priceCurrency),
    gross: toMoney(grossAmount, grossCurrency),
    budget: toMoney(budgetAmount, budgetCurrency),
    posterUrl:
      posterKey === null ? `${publicUrl}/posters/${film.id}.svg?v=${posterVersion}` : `${publicUrl}/${posterKey}`,
    genres: inOrder(film.genres),
    directors: inOrder(film.directors),
    stars: inOrder(film.stars).slice(0, STARS_ON_A_CARD),
    countries: inOrder(film.countries),
    languages: inOrder(film.languages),
  };
}

/** A film's page. */
export function toMovie(film: Film, publicUrl: string) {
  const { description, likeCount, dislikeCount, favoriteCount, commentCount } = film;
  const counters = { likeCount, dislikeCount, favoriteCount, commentCount };
  return { ...toCard(film, publicUrl), description, stars: inOrder(film.stars), ...counters };
}

function inOrder(links: Film['genres'] | undefined): Named[] {
  return (links ?? []).toSorted((one, other) => one.position - other.position).map(({ named }) => named);
}

function toMoney(amount: number | null, currency: string | null) {
  return amount === null || currency === null ? null : { amount, currency };
}
