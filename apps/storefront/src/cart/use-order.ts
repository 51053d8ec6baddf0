import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { cinema, trpc } from '../cinema.ts';

/**
 * Turns the cart into an order, for the total the buyer saw, and goes on to the payment page. Once there is an order it
 * is kept: when the payment page does not open, its own page offers to pay again.
 */
export function useOrder() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (expectedTotal: { amount: number; currency: string }) => {
      const { order } = await cinema.orders.create.mutate({ expectedTotal });
      try {
        const { checkoutUrl } = await cinema.orders.checkout.mutate({ orderId: order.id });
        window.location.assign(checkoutUrl);
      } catch {
        await navigate({ to: '/orders/$orderId', params: { orderId: order.id } });
      }
    },
    onSettled: () =>
      Promise.all([trpc.cart, trpc.orders, trpc.movies.get].map((part) => client.invalidateQueries(part.pathFilter()))),
  });
}
