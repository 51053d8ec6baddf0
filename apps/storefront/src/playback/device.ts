const KEY = 'cinema.device';

/** What this tab calls itself when it plays: it keeps its place when it is loaded again. */
export function deviceId(): string {
  const known = sessionStorage.getItem(KEY);
  if (known !== null) return known;
  const made = crypto.randomUUID();
  sessionStorage.setItem(KEY, made);
  return made;
}
