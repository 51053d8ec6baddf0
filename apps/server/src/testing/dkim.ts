import { createHash, createVerify, type KeyObject } from 'node:crypto';

/** What a signature says of a mail: that the body is the signed one, and that its domain signed these headers. */
export type DkimVerdict = { bodyFits: boolean; isSigned: boolean };

/**
 * Verifies the DKIM signature of a mail, given byte by byte, with the key that DNS has at `keyName`: RFC 6376 for
 * `rsa-sha256` and `relaxed/relaxed`.
 */
export function verifyDkim(mail: string, keyName: string, publicKey: KeyObject): DkimVerdict {
  const end = mail.indexOf('\r\n\r\n');
  // A field goes on in the lines that begin with white space.
  const fields = mail.slice(0, end).split(/\r\n(?![ \t])/);
  const signature = fields.find((field) => nameOf(field) === 'dkim-signature') ?? '';
  const tags = new Map(
    signature
      .slice(signature.indexOf(':') + 1)
      .split(';')
      .map((tag) => [tag.split('=')[0]?.trim(), tag.slice(tag.indexOf('=') + 1).replace(/\s/g, '')]),
  );
  const isOurs = tags.get('a') === 'rsa-sha256' && tags.get('c') === 'relaxed/relaxed';
  if (!isOurs || `${tags.get('s')}._domainkey.${tags.get('d')}` !== keyName)
    return { bodyFits: false, isSigned: false };

  const bodyHash = createHash('sha256').update(relaxBody(mail.slice(end + 4)), 'latin1');
  // Of fields with one name the last is signed first.
  const left = [...fields].reverse();
  const signed = (tags.get('h') ?? '').split(':').flatMap((name) => {
    const index = left.findIndex((field) => nameOf(field) === name.toLowerCase());
    return index === -1 ? [] : left.splice(index, 1).map(relaxField);
  });
  const unsigned = relaxField(signature.replace(/([;\s]b=)[^;]*/, '$1'));
  const verifier = createVerify('RSA-SHA256').update([...signed, unsigned].join('\r\n'), 'latin1');
  return {
    bodyFits: bodyHash.digest('base64') === tags.get('bh'),
    isSigned: verifier.verify(publicKey, tags.get('b') ?? '', 'base64'),
  };
}

function nameOf(field: string): string {
  return field.slice(0, field.indexOf(':')).trim().toLowerCase();
}

// RFC 6376, 3.4.2
function relaxField(field: string): string {
  const value = field.slice(field.indexOf(':') + 1).replaceAll('\r\n', '');
  return `${nameOf(field)}:${value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '')}`;
}

// RFC 6376, 3.4.4
function relaxBody(body: string): string {
  const lines = body.replace(/[ \t]+(?=\r\n|$)/g, '').replace(/[ \t]+/g, ' ');
  const text = lines.replace(/(?:\r\n)+$/, '');
  return text === '' ? '' : `${text}\r\n`;
}
