import type { ReactNode } from 'react';

/** A page's frame: its title in the window and above the content, and what stands beside the title. */
export function Page({ title, beside, children }: { title: string; beside?: ReactNode; children: ReactNode }) {
  return (
    <div className="grid gap-8">
      <title>{`${title} – Online Cinema`}</title>
      <div className="flex flex-wrap items-baseline justify-between gap-4">
        <h1 className="font-display text-4xl text-balance sm:text-5xl">{title}</h1>
        {beside}
      </div>
      {children}
    </div>
  );
}

/** A narrow page with one thing to do. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="mx-auto w-full max-w-md animate-appear">
      <title>{`${title} – Online Cinema`}</title>
      <div className="grid gap-6 rounded-3xl border border-seam bg-curtain p-6 shadow-2xl shadow-black/50 sm:p-10">
        <h1 className="font-display text-3xl">{title}</h1>
        {children}
      </div>
    </div>
  );
}

/** Grey shapes where content will be. Screen readers hear the label once. */
export function Skeleton({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div aria-live="polite" aria-busy="true">
      <span className="sr-only">{label}</span>
      <div aria-hidden="true" className="animate-pulse">
        {children}
      </div>
    </div>
  );
}

/** A few grey rows, for pages that are lists. */
export function SkeletonRows({ label, rows = 3 }: { label: string; rows?: number }) {
  return (
    <Skeleton label={label}>
      <div className="grid gap-4">
        {Array.from({ length: rows }, (_, row) => (
          <div key={row} className="h-28 rounded-2xl bg-velvet" />
        ))}
      </div>
    </Skeleton>
  );
}
