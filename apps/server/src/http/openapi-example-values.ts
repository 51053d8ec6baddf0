import type { Json } from './openapi-json.ts';

/** What a field may hold, by the format of its text. */
export const BY_FORMAT: Readonly<Record<string, Json>> = {
  uuid: '019a5a4e-7c00-7000-8000-000000000001',
  date: '2026-11-20',
  'date-time': '2026-11-20T19:30:00.000Z',
  email: 'ada@example.com',
};

/** What a field may hold, by its name. What may be null and has no name here is null in examples. */
export const BY_NAME: Readonly<Record<string, Json>> = {
  // Ids and secrets
  id: '019a5a4e-7c00-7000-8000-000000000001',
  movieId: 'the-matrix-1999',
  slug: 'the-matrix-1999',
  token: 'the-token-of-the-link',
  accessToken: 'the-access-token',
  refreshToken: 'the-refresh-token',
  expiresIn: 900,
  challenge: 'the-challenge-of-the-refusal',
  ticket: 'the-ticket-of-the-stream',
  secret: 'JBSWY3DPEHPK3PXP',
  otpauthUri: 'otpauth://totp/Cinema:ada%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Cinema',
  recoveryCodes: ['7KQ2-9XMF-4TDN', 'P3WB-6HVC-8RJL'],
  deviceId: 'living-room-tv',
  lastEventId: '42',
  code: 'AUTUMN-20',
  // People
  email: 'ada@example.com',
  firstName: 'Ada',
  lastName: 'Lovelace',
  dateOfBirth: '1990-12-10',
  displayName: 'Ada L.',
  info: 'I like films about machines.',
  avatarUrl: 'https://cinema.example/avatars/ada.webp',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
  ip: '203.0.113.7',
  // Films
  name: 'The Matrix',
  year: 1999,
  time: 136,
  imdb: 8.7,
  ratingAverage: 8.7,
  description: 'A programmer learns that the world he knows is none.',
  certification: 'R',
  genres: ['Action', 'Science Fiction'],
  stars: ['Keanu Reeves', 'Carrie-Anne Moss'],
  directors: ['Lana Wachowski', 'Lilly Wachowski'],
  posterUrl: 'https://cinema.example/posters/the-matrix-1999.webp',
  score: 9,
  hasVideo: true,
  spoiler: false,
  isDeleted: false,
  isHidden: false,
  // Words
  message: 'It is done.',
  text: 'The scene in the lobby alone is worth it.',
  note: 'Tells the end of the film.',
  reason: 'Bought by mistake.',
  why: 'It is below the least amount that cards can be charged.',
  // Money
  amount: 1299,
  currency: 'USD',
  discount: { amount: 0, currency: 'USD' },
  refunds: [],
  timeZone: 'Europe/Berlin',
  address: '1 Lobby Street, Los Angeles',
  taxId: 'US-95-0000000',
  checkoutUrl: 'https://checkout.stripe.com/c/pay/the-session',
  receiptUrl: 'https://cinema.example/api/v1/payments/019a5a4e-7c00-7000-8000-000000000001/receipt',
  // Playing
  position: 1830,
  duration: 10_200,
  src: 'https://cinema.example/media/the-grant/019a5a4e-7c00-7000-8000-000000000001/film.mp4',
  poster: 'https://cinema.example/posters/the-matrix-1999.webp',
  language: 'en',
};

/** The name of something that has one, by the field it stands in or the name of its schema. */
export const NAMES_OF: Readonly<Record<string, string>> = {
  certification: 'R',
  certifications: 'R',
  genre: 'Action',
  genres: 'Action',
  stars: 'Keanu Reeves',
  directors: 'Lana Wachowski',
  countries: 'United States',
  languages: 'English',
  seller: 'Cinema Example',
  buyer: 'Ada Lovelace',
  Related: 'Drama',
  JobQueue: 'accounts.activation-mail',
};
