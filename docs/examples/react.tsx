/** A page of films one can put in the cart: React with TanStack Query. */
import { createCinemaClient, isCinemaError } from '@online-cinema/client';
import { createCinemaOptions, resetOnSessionChange, useSession } from '@online-cinema/client/react';
import { QueryClient, QueryClientProvider, useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

const cinema = createCinemaClient({ baseUrl: 'http://localhost:8000' });
// The client repeats what is worth it.
const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
const options = createCinemaOptions(cinema, queryClient);
resetOnSessionChange(cinema, queryClient);

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <SignIn />
      <Films />
    </QueryClientProvider>
  );
}

function SignIn() {
  const session = useSession(cinema);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [message, setMessage] = useState('');
  if (session) return <button onClick={() => void cinema.$session.signOut()}>Sign out</button>;

  async function signIn(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const { error } = await cinema.$safe(cinema.$session.signIn({ email, password }));
    setMessage(error?.message ?? '');
  }
  return (
    <form onSubmit={(event) => void signIn(event)}>
      <input type="email" value={email} onChange={({ target }) => setEmail(target.value)} required />
      <input type="password" value={password} onChange={({ target }) => setPassword(target.value)} required />
      <button>Sign in</button>
      <p role="alert">{message}</p>
    </form>
  );
}

function Films() {
  const films = useInfiniteQuery(
    options.movies.list.infiniteQueryOptions(
      { sort: 'popularity', limit: 20 },
      { getNextPageParam: (page) => page.nextCursor },
    ),
  );
  const add = useMutation(options.cart.add.mutationOptions());
  if (films.isPending) return <p>One moment…</p>;
  if (films.isError) return <p role="alert">{films.error.message}</p>;
  return (
    <>
      <ul>
        {films.data.pages
          .flatMap((page) => page.items)
          .map(({ id, name, year, price }) => (
            <li key={id}>
              {name} ({year}){' '}
              {price && <button onClick={() => add.mutate({ movieId: id })}>{(price.amount / 100).toFixed(2)}</button>}
            </li>
          ))}
      </ul>
      {isCinemaError(add.error, 'already_owned') && <p>You own it already: it is in your library.</p>}
      {films.hasNextPage && <button onClick={() => void films.fetchNextPage()}>More</button>}
    </>
  );
}
