import { type ReactNode, useId } from 'react';

/** A part of the account: its heading, what it is about, and what can be done. */
export function Section({ title, about, children }: { title: string; about?: ReactNode; children?: ReactNode }) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className="grid content-start gap-5 rounded-3xl border border-seam bg-curtain p-5 sm:p-8"
    >
      <div className="grid gap-2">
        <h2 id={id} className="font-display text-2xl">
          {title}
        </h2>
        {about !== undefined && <div className="max-w-prose text-dust">{about}</div>}
      </div>
      {children}
    </section>
  );
}
