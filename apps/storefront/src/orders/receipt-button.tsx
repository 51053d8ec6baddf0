import { useMutation } from '@tanstack/react-query';
import { cinema } from '../cinema.ts';

/** Saves the receipt of a payment as a file: its address needs the access token, which a link can't bring along. */
export function ReceiptButton({ receiptUrl, orderNumber }: { receiptUrl: string; orderNumber: number }) {
  const save = useMutation({
    mutationFn: async () => {
      const token = await cinema.$session.accessToken();
      const answer = await fetch(receiptUrl, {
        headers: { accept: 'application/pdf', authorization: `Bearer ${token}` },
      });
      if (!answer.ok) throw new Error(`the receipt was answered with ${answer.status}`);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(await answer.blob());
      link.download = `receipt-order-${orderNumber}.pdf`;
      link.click();
      URL.revokeObjectURL(link.href);
    },
  });
  return (
    <button
      type="button"
      disabled={save.isPending}
      onClick={() => save.mutate()}
      className="text-lamp underline underline-offset-4"
    >
      {save.isError ? 'That did not work. Try again' : 'Save the receipt'}
    </button>
  );
}
