import type { ReactNode } from 'react';
import { sentenceOf } from './refusals.ts';
import { Button } from './button.tsx';

type Tone = 'good' | 'bad' | 'plain';

const TONES: Record<Tone, string> = {
  good: 'border-exit/50 bg-exit/10',
  bad: 'border-alarm/50 bg-alarm/10',
  plain: 'border-seam bg-curtain',
};

/** A message in its place on the page; screen readers hear it when it appears. */
export function Notice({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <div
      role={tone === 'bad' ? 'alert' : 'status'}
      className={`flex animate-appear flex-wrap items-center gap-x-4 gap-y-2 rounded-2xl border px-5 py-4 ${TONES[tone]}`}
    >
      {children}
    </div>
  );
}

/** Says what went wrong and, where it may help, offers to try again. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <Notice tone="bad">
      <p>{sentenceOf(error)}</p>
      {onRetry && (
        <Button look="plain" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Notice>
  );
}

/** A page or a list with nothing in it, and what to do about that. */
export function Empty({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="mx-auto grid max-w-md animate-appear justify-items-center gap-4 py-20 text-center">
      <svg
        viewBox="0 0 96 64"
        className="w-28 text-seam"
        aria-hidden="true"
        fill="none"
        stroke="currentColor"
        strokeWidth="3"
      >
        <path d="M6 8q42 14 84 0v40q-42-14-84 0z" />
        <path d="M18 62h12m6 0h24m6 0h12" strokeLinecap="round" />
      </svg>
      <h2 className="font-display text-2xl">{title}</h2>
      <p className="text-dust">{children}</p>
      {action}
    </div>
  );
}
