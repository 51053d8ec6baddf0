import { type JWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { SigningKey } from './signing-keys.ts';
import { isUuid } from './uuid.ts';

/** What an access token says: whose it is, and of which session. */
export type AccessClaims = { userId: string; sessionId: string };

/** What a refresh token says: which session, and the how-manieth token of it this is. */
export type RefreshClaims = { sessionId: string; generation: number };

/** The moments a token is made for, in whole seconds since 1970. */
export type Lifetime = { issuedAt: number; expiresAt: number };

/** Signs and verifies tokens. Whether the session behind one still lives, its row says. */
export type Tokens = {
  signAccess(claims: AccessClaims & { generation: number }, lifetime: Lifetime): Promise<string>;
  signRefresh(claims: RefreshClaims, lifetime: Lifetime): Promise<string>;
  /** Gives the claims, or `null` for every token that is not a living one of ours. */
  verifyAccess(token: string): Promise<AccessClaims | null>;
  verifyRefresh(token: string): Promise<RefreshClaims | null>;
  /** The public half of every key whose tokens are good; the first one signs. */
  readonly publicKeys: readonly JWK[];
};

const ACCESS = { typ: 'at+jwt', audience: 'online-cinema' } as const;
const REFRESH = { typ: 'rt+jwt', audience: 'online-cinema/refresh' } as const;
type Kind = typeof ACCESS | typeof REFRESH;

const LONGEST_TOKEN = 2_000;

/**
 * Signs and verifies the session's JWTs with EdDSA (RFC 8037). The signature is deterministic: the same claims give the
 * same token, which is how two tabs that refresh at once get one successor.
 */
export function createTokens(options: { keys: SigningKey[]; issuer: string; now: () => Date }): Tokens {
  const [signingKey] = options.keys;
  if (!signingKey) throw new Error('No key to sign tokens with.');
  const keysById = new Map(options.keys.map((key) => [key.kid, key]));

  async function sign(kind: Kind, payload: JWTPayload, lifetime: Lifetime): Promise<string> {
    return await new SignJWT({
      ...payload,
      iss: options.issuer,
      aud: kind.audience,
      iat: lifetime.issuedAt,
      exp: lifetime.expiresAt,
    })
      .setProtectedHeader({ alg: 'EdDSA', typ: kind.typ, kid: signingKey!.kid })
      .sign(signingKey!.privateKey);
  }

  async function verify(kind: Kind, token: string): Promise<JWTPayload | null> {
    if (token.length > LONGEST_TOKEN || !isCanonical(token)) return null;
    try {
      const { payload } = await jwtVerify(
        token,
        ({ kid }) => {
          // Keys are ours by id; keys a token brings along (jwk, jku, x5u) are not looked at.
          const key = kid === undefined ? undefined : keysById.get(kid);
          if (!key) throw new Error('unknown key');
          return key.publicKey;
        },
        {
          algorithms: ['EdDSA'],
          typ: kind.typ,
          issuer: options.issuer,
          audience: kind.audience,
          requiredClaims: ['sid', 'exp', 'iat', 'jti'],
          currentDate: options.now(),
        },
      );
      // jose checks `iat` only with maxTokenAge. A token from the future was not made by us.
      const now = Math.floor(options.now().getTime() / 1000);
      return payload.iat !== undefined && payload.iat <= now + 5 ? payload : null;
    } catch {
      return null;
    }
  }

  return {
    publicKeys: options.keys.map((key) => key.publicJwk),
    signAccess: ({ userId, sessionId, generation }, lifetime) =>
      sign(ACCESS, { sub: userId, sid: sessionId, jti: `${sessionId}.${generation}` }, lifetime),
    signRefresh: ({ sessionId, generation }, lifetime) =>
      sign(REFRESH, { sid: sessionId, gen: generation, jti: `${sessionId}.${generation}` }, lifetime),
    async verifyAccess(token) {
      const payload = await verify(ACCESS, token);
      const { sub, sid } = payload ?? {};
      return isId(sub) && isId(sid) ? { userId: sub, sessionId: sid } : null;
    },
    async verifyRefresh(token) {
      const payload = await verify(REFRESH, token);
      const { sid, gen } = payload ?? {};
      return isId(sid) && isGeneration(gen) ? { sessionId: sid, generation: gen } : null;
    },
  };
}

// The decoder forgives what stands in a last character beyond the last byte, or white space; one token has one
// spelling.
function isCanonical(token: string): boolean {
  return token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}

function isId(claim: unknown): claim is string {
  return typeof claim === 'string' && isUuid(claim);
}

function isGeneration(claim: unknown): claim is number {
  return typeof claim === 'number' && Number.isSafeInteger(claim) && claim >= 0;
}
