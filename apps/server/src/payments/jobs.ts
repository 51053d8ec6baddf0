import { z } from 'zod';
import { defineJob } from '../job.ts';
import { orderPaidLetter } from './mail.ts';
import { selectReceipt } from './queries.ts';

/** Sends the buyer the receipt of a paid order. */
export const orderPaidMail = defineJob({
  name: 'payments.order-paid-mail',
  data: z.object({ orderId: z.uuid() }),
  async run({ db, mailer, config }, { orderId }, signal) {
    const receipt = await selectReceipt(db, orderId);
    if (!receipt) return; // refunded or gone by now
    await mailer.send(orderPaidLetter(receipt, config.publicUrl), signal);
  },
});
