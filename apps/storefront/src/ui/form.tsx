import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { RefusalContext } from './field.tsx';
import { Failure } from './notice.tsx';

/**
 * A form with its fields, its button and, when it was refused, why. `onSend` reads what was typed by the fields' names,
 * which are those of the call's input: each field then says itself what is wrong about it.
 */
export function Form({
  sending,
  button,
  look = 'main',
  isOver = false,
  onSend,
  children,
}: {
  /** The call, as a mutation tells of it. */
  sending: { isPending: boolean; error: unknown };
  button: string;
  look?: 'main' | 'plain' | 'danger';
  /** Sending it again can't help any more. */
  isOver?: boolean;
  onSend: (typed: (name: string) => string) => void;
  children?: ReactNode;
}) {
  return (
    <form
      className="@container grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        onSend((name) => {
          const value = data.get(name);
          return typeof value === 'string' ? value : '';
        });
      }}
    >
      <RefusalContext value={sending.error}>{children}</RefusalContext>
      <div className="flex flex-wrap items-center gap-3 *:grow @md:*:grow-0">
        <Button type="submit" look={look} isBusy={sending.isPending} disabled={isOver}>
          {button}
        </Button>
      </div>
      {sending.error != null && <Failure error={sending.error} />}
    </form>
  );
}
