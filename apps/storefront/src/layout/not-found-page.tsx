import { ButtonLink } from '../ui/button.tsx';
import { Empty } from '../ui/notice.tsx';

/** There is no such page, film or order. */
export function NotFoundPage({ what = 'page' }: { what?: 'page' | 'film' | 'order' }) {
  return (
    <>
      <title>Not found – Online Cinema</title>
      <h1 className="sr-only">Not found</h1>
      <Empty title={`There is no such ${what}`} action={<ButtonLink to="/">See all films</ButtonLink>}>
        The address may be mistyped, or what was here has left the programme.
      </Empty>
    </>
  );
}
