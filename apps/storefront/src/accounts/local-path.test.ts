import { expect, test } from 'vitest';
import { localPath } from './local-path.ts';

const ORIGIN = 'https://cinema.example';

test('after signing in one comes back to where one was', () => {
  expect(localPath('/orders/1?checkout=success#top', ORIGIN)).toBe('/orders/1?checkout=success#top');
  expect(localPath('https://cinema.example/cart', ORIGIN)).toBe('/cart');
});

test.each([undefined, '', 'https://evil.example/', '//evil.example/cart', '/\\\\evil.example', 'javascript:alert(1)'])(
  'an address that is not of this site leads to the start: %s',
  (address) => {
    expect(localPath(address, ORIGIN)).toBe('/');
  },
);
