import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

/** Whose an access token is, and of which session. */
export type Claims = { userId: string; sessionId: string };

/** The cinema's tokens (EdDSA), made and read by `node:crypto` alone. */
export type PeerTokens = {
  signAccess(claims: Claims): string;
  /** The answer to a login. */
  issue(claims: Claims): { accessToken: string; refreshToken: string; tokenType: 'Bearer'; expiresIn: number };
  /** Gives the claims of an `Authorization` header; nothing when its token is not a living one. */
  verifyAccess(authorization: string | undefined): Claims | undefined;
};

const ACCESS_SECONDS = 86_400;
const REFRESH_SECONDS = 7 * 86_400;

export function createPeerTokens({ JWT_PRIVATE_KEYS, PUBLIC_URL: issuer }: NodeJS.ProcessEnv): PeerTokens {
  const privateKey = createPrivateKey(JWT_PRIVATE_KEYS ?? '');
  const publicKey = createPublicKey(privateKey);
  const { x } = publicKey.export({ format: 'jwk' });
  // As RFC 7638 has it.
  const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');

  function signToken(typ: string, claims: object, seconds: number): string {
    const iat = Math.floor(Date.now() / 1_000);
    const text = [
      { alg: 'EdDSA', typ, kid },
      { ...claims, iss: issuer, iat, exp: iat + seconds },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
  }

  function signAccess({ userId, sessionId }: Claims): string {
    const claims = { sub: userId, sid: sessionId, jti: `${sessionId}.0`, aud: 'online-cinema' };
    return signToken('at+jwt', claims, ACCESS_SECONDS);
  }

  return {
    signAccess,
    issue(claims) {
      const { sessionId } = claims;
      const refresh = { sid: sessionId, gen: 0, jti: `${sessionId}.0`, aud: 'online-cinema/refresh' };
      const refreshToken = signToken('rt+jwt', refresh, REFRESH_SECONDS);
      return { accessToken: signAccess(claims), refreshToken, tokenType: 'Bearer', expiresIn: ACCESS_SECONDS };
    },
    verifyAccess(authorization) {
      const [header = '', payload = '', signature = ''] = authorization?.replace(/^Bearer /, '').split('.') ?? [];
      const signed = Buffer.from(`${header}.${payload}`);
      if (!verify(null, signed, publicKey, Buffer.from(signature, 'base64url'))) return undefined;
      const { typ } = parsePart(header);
      const { iss, aud, sub, sid, exp } = parsePart(payload);
      const isOurs = typ === 'at+jwt' && iss === issuer && aud === 'online-cinema' && Number(exp) * 1_000 > Date.now();
      return isOurs ? { userId: String(sub), sessionId: String(sid) } : undefined;
    },
  };
}

function parsePart(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}
