import { html } from '../lib/html.ts';
import { composeLetter } from '../lib/letters.ts';
import type { Letter } from '../lib/mailer.ts';

/** Writes the mail about a reply: the sentence of its notification, and where it leads. */
export function replyLetter(about: {
  id: string;
  email: string;
  text: string;
  link: string | null;
  publicUrl: string;
  unsubscribeUrl: string;
}): Letter {
  return composeLetter({
    key: `reply.${about.id}`,
    to: about.email,
    subject: 'Reply to your comment',
    paragraphs: [html`${about.text}`, html`This goes to <span id="email">${about.email}</span>.`],
    ...(about.link !== null && { action: { label: 'Read the reply', url: `${about.publicUrl}${about.link}` } }),
    unsubscribeUrl: about.unsubscribeUrl,
  });
}

/** Writes the mail about the likes of a day: the sentences of `texts`, and how many of `count` they leave out. */
export function likesDigestLetter(about: {
  userId: string;
  digestedAt: string;
  email: string;
  texts: string[];
  count: number;
  publicUrl: string;
  unsubscribeUrl: string;
}): Letter {
  const { texts, count } = about;
  return composeLetter({
    key: `likes.${about.userId}.${Date.parse(about.digestedAt)}`,
    to: about.email,
    subject: count === 1 ? 'Your comment was liked' : `Your comments were liked ${count} times`,
    paragraphs: [
      ...texts.map((text) => html`${text}`),
      ...(count > texts.length ? [html`And ${count - texts.length} more.`] : []),
      html`This goes to <span id="email">${about.email}</span>.`,
    ],
    action: { label: 'Open the cinema', url: about.publicUrl },
    unsubscribeUrl: about.unsubscribeUrl,
  });
}
