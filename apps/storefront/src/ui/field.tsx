import { type ComponentProps, createContext, type ReactNode, type Ref, use, useId } from 'react';
import { faultsOf } from './refusals.ts';

/** Why the form around was refused; null: it was not. */
export const RefusalContext = createContext<unknown>(null);

type About = { label: string; hint?: string; name: string };

const BOX =
  'w-full rounded-xl border border-seam bg-night px-4 text-lg placeholder:text-dust/60 hover:border-dust aria-invalid:border-alarm';

/** A labelled text field of a `Form`, with its hint and with what is wrong about it. */
export function Field({ label, hint, ...rest }: ComponentProps<'input'> & About) {
  return (
    <Labelled label={label} hint={hint} name={rest.name}>
      {(wiring) => <input {...rest} {...wiring} className={`min-h-12 ${BOX}`} />}
    </Labelled>
  );
}

/** A field for longer texts. */
export function LongField({ label, hint, ...rest }: ComponentProps<'textarea'> & About) {
  return (
    <Labelled label={label} hint={hint} name={rest.name}>
      {(wiring) => <textarea rows={4} {...rest} {...wiring} className={`py-3 ${BOX}`} />}
    </Labelled>
  );
}

/** A field with a few values to choose from. */
export function ChoiceField({ label, hint, ...rest }: ComponentProps<'select'> & About) {
  return (
    <Labelled label={label} hint={hint} name={rest.name}>
      {(wiring) => <select {...rest} {...wiring} className={`min-h-12 ${BOX}`} />}
    </Labelled>
  );
}

/** The field for a password nobody has yet. */
export function NewPasswordField({ name, label }: { name: string; label: string }) {
  return (
    <Field
      label={label}
      name={name}
      type="password"
      autoComplete="new-password"
      hint="At least 8 characters, with upper-case and lower-case letters, a digit and a special character."
      required
    />
  );
}

/** The field for the password the account has. */
export function PasswordField({ name = 'password', label = 'Password' }: { name?: string; label?: string }) {
  return <Field label={label} name={name} type="password" autoComplete="current-password" required />;
}

/** The field for a code of an authenticator app. */
export function CodeField({ ref }: { ref?: Ref<HTMLInputElement> }) {
  return (
    <Field
      label="Code"
      hint="Six digits, from your authenticator app."
      name="code"
      inputMode="numeric"
      autoComplete="one-time-code"
      ref={ref}
      required
    />
  );
}

function Labelled({
  label,
  hint,
  name,
  children,
}: {
  label: string;
  hint: string | undefined;
  name: string;
  children: (wiring: { id: string; 'aria-invalid': boolean; 'aria-describedby': string }) => ReactNode;
}) {
  const id = useId();
  const faults = faultsOf(use(RefusalContext), name);
  const isWrong = faults.length > 0;
  return (
    <div className="grid content-start gap-2">
      <label htmlFor={id} className="text-sm font-semibold text-dust">
        {label}
      </label>
      {children({ id, 'aria-invalid': isWrong, 'aria-describedby': `${id}-about` })}
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
