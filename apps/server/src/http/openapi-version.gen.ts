// Generated from packages/client/package.json and the changesets: run `pnpm generate`, do not edit.

/** The version of the API with the next release; the client's is the same. */
export const API_VERSION = '0.1.0';
