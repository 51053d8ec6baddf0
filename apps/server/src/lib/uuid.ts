const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Tells whether a text has the shape of a UUID: any version, either case. Postgres takes what this lets through. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
