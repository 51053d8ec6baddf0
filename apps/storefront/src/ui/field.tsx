import { type ComponentProps, useId } from 'react';

/** A labelled text field with its hint and with what is wrong about it. */
export function Field({
  label,
  hint,
  faults = [],
  ...rest
}: ComponentProps<'input'> & { label: string; hint?: string; faults?: readonly string[] }) {
  const id = useId();
  const isWrong = faults.length > 0;
  return (
    <div className="grid gap-2">
      <label htmlFor={id} className="text-sm font-semibold text-dust">
        {label}
      </label>
      <input
        {...rest}
        id={id}
        aria-invalid={isWrong}
        aria-describedby={`${id}-about`}
        className="min-h-12 w-full rounded-xl border border-seam bg-night px-4 text-lg placeholder:text-dust/60 hover:border-dust aria-invalid:border-alarm"
      />
      <div id={`${id}-about`} className="text-sm">
        {hint !== undefined && !isWrong && <p className="text-dust">{hint}</p>}
        {faults.map((fault) => (
          <p key={fault} className="text-alarm">
            {fault}
          </p>
        ))}
      </div>
    </div>
  );
}
