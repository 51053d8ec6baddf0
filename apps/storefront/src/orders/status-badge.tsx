import type { Order } from '../cinema.ts';

const WORDS: Record<Order['status'], { text: string; look: string }> = {
  pending: { text: 'Awaiting payment', look: 'border-lamp text-lamp' },
  paid: { text: 'Paid', look: 'border-exit text-exit' },
  canceled: { text: 'Canceled', look: 'border-dust text-dust' },
  refunded: { text: 'Refunded', look: 'border-dust text-dust' },
};

/** An order's status as a word. */
export function StatusBadge({ status }: { status: Order['status'] }) {
  const { text, look } = WORDS[status];
  return (
    <span className={`rounded-full border px-3 py-0.5 text-sm font-semibold whitespace-nowrap ${look}`}>{text}</span>
  );
}
