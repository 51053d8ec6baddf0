import { createPrivateKey } from 'node:crypto';

/** What mails are signed with: DNS publishes the public half of the key at `<selector>._domainkey.<domain>`. */
export type Dkim = { domain: string; selector: string; privateKey: string };

// RFC 8301, 3.2: verifiers take no signature of a shorter key for valid.
const LEAST_BITS = 1_024;

/**
 * Tells what keeps a text from being the key of DKIM signatures, an RSA private key in PEM; null when nothing does. The
 * mailer would send what it can't sign without a signature.
 */
export function faultOfDkimKey(pem: string): string | null {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(readDkimKey(pem));
    // Ed25519 (RFC 8463) is not signed with by the mailer, nor read by most who verify.
    if (asymmetricKeyType !== 'rsa') return 'must be an RSA key';
    return (asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_BITS ? `must have at least ${LEAST_BITS} bits` : null;
  } catch {
    return 'must be an RSA private key in PEM: openssl genrsa 2048';
  }
}

/** Gives a key as it was before it was put in one line: `\n` may stand for a line break. */
export function readDkimKey(pem: string): string {
  return pem.replaceAll('\\n', '\n');
}

/** What nodemailer takes. */
export function signingOptions({ domain, selector, privateKey }: Dkim) {
  return { domainName: domain, keySelector: selector, privateKey, headerFieldNames: SIGNED_FIELDS };
}

// RFC 6376, 5.4.1. Without the last two, nobody may end mails with one click (RFC 8058, 4).
const SIGNED_FIELDS = [
  'From',
  'Sender',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'To',
  'Cc',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
].join(':');
