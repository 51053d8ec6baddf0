import type { NotificationKind } from '@online-cinema/contract/notifications';
import { html } from '../lib/html.ts';
import { composeLetter } from '../lib/letters.ts';
import type { Letter } from '../lib/mailer.ts';

const SUBJECTS: Record<NotificationKind, [subject: string, action: string]> = {
  movie_in_carts: ['Film in carts cannot be deleted', 'Look at the film'],
  movie_left_cart: ['A film left your cart', 'Look at your cart'],
  comment_reply: ['Reply to your comment', 'Read the reply'],
  comment_like: ['Your comment was liked', 'Look at your comment'],
};

/** Writes the mail of a notice: the same sentence, and where it leads. */
export function noticeLetter(about: {
  id: string;
  email: string;
  kind: NotificationKind;
  text: string;
  link: string | null;
  publicUrl: string;
}): Letter {
  const [subject, label] = SUBJECTS[about.kind];
  return composeLetter({
    key: `notice.${about.id}`,
    to: about.email,
    subject,
    paragraphs: [html`${about.text}`, html`This goes to <span id="email">${about.email}</span>.`],
    ...(about.link !== null && { action: { label, url: `${about.publicUrl}${about.link}` } }),
  });
}
