/** What a cell of a CSV is made from; null is an empty one. */
export type Cell = string | number | null;

/**
 * A row as a line of CSV. Text that spreadsheets would run gets a `'` before it, which {@link unguard} takes away.
 * https://www.rfc-editor.org/rfc/rfc4180
 */
export function toCsvLine(cells: readonly Cell[]): string {
  return `${cells.map(toText).join(',')}\r\n`;
}

/** The text of a cell that {@link toCsvLine} wrote. */
export function unguard(text: string): string {
  return /^'+[=+\-@\t\r]/.test(text) ? text.slice(1) : text;
}

/** Several names in one cell, which {@link splitList} takes apart. */
export function joinList(names: readonly string[]): string {
  return names.map((name) => name.replace(/[\\|]/g, '\\$&')).join('|');
}

/** The names in a cell that {@link joinList} wrote. */
export function splitList(cell: string): string[] {
  if (cell === '') return [];
  if (!cell.includes('\\')) return cell.split('|');
  const names = [''];
  for (const [piece] of cell.matchAll(/\\[\\|]|[^]/g)) {
    if (piece === '|') names.push('');
    else names[names.length - 1] += piece.length === 2 ? piece.slice(1) : piece;
  }
  return names;
}

function toText(value: Cell): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const text = guard(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// Spreadsheets run a text that begins so. https://owasp.org/www-community/attacks/CSV_Injection
function guard(text: string): string {
  return /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
