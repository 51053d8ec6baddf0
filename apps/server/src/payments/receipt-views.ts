import type { Receipt } from '@online-cinema/contract/payments';
import { RECEIPT_POLICY, receiptPage } from './receipt-page.ts';
import { receiptPdf } from './receipt-pdf.ts';

/** What a receipt can be over REST; the page for whoever asks for nothing else. */
export const RECEIPT_VIEWS = [
  {
    contentType: 'text/html; charset=utf-8',
    headers: () => ({ 'content-security-policy': RECEIPT_POLICY }),
    render: (receipt: Receipt) => receiptPage(receipt),
  },
  {
    contentType: 'application/pdf',
    headers: (receipt: Receipt) => ({ 'content-disposition': `inline; filename="receipt-${receipt.number}.pdf"` }),
    render: (receipt: Receipt) => receiptPdf(receipt),
  },
];
