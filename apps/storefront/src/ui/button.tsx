import { createLink, type LinkComponent } from '@tanstack/react-router';
import type { ComponentProps } from 'react';

type Look = 'main' | 'plain' | 'quiet' | 'danger';

const SHAPE =
  'inline-flex min-h-11 items-center justify-center gap-2 rounded-full text-base font-semibold transition-colors duration-150 disabled:opacity-50';

const LOOKS: Record<Look, string> = {
  main: 'px-6 bg-lamp text-night hover:bg-screen',
  plain: 'px-6 border border-seam bg-curtain text-screen hover:border-lamp hover:text-lamp',
  danger: 'px-6 border border-alarm/60 bg-curtain text-alarm hover:border-alarm hover:bg-alarm hover:text-night',
  quiet: 'px-3 text-dust underline-offset-4 hover:text-screen hover:underline',
};

/** A button; while `isBusy` it keeps its place, says so and takes no clicks. */
export function Button({
  look = 'main',
  isBusy = false,
  className = '',
  children,
  ...rest
}: ComponentProps<'button'> & { look?: Look; isBusy?: boolean }) {
  return (
    <button
      type="button"
      {...rest}
      className={`${buttonShape(look)} ${className}`}
      disabled={rest.disabled === true || isBusy}
      aria-busy={isBusy}
    >
      {isBusy && <Spinner />}
      {children}
    </button>
  );
}

/** How a button looks: for links that are no pages of ours. */
export function buttonShape(look: Look): string {
  return `${SHAPE} ${LOOKS[look]}`;
}

/** A link that looks like a button. */
export const ButtonLink: LinkComponent<typeof ButtonAnchor> = createLink(ButtonAnchor);

function ButtonAnchor({ look = 'main', className = '', children, ...rest }: ComponentProps<'a'> & { look?: Look }) {
  return (
    <a {...rest} className={`${buttonShape(look)} ${className}`}>
      {children}
    </a>
  );
}

/** A turning ring: something is on its way. */
export function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="inline-block size-4 animate-spin rounded-full border-2 border-current border-r-transparent"
    />
  );
}
