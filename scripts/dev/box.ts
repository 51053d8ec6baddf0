/** Draws rows of label and value in a frame. An empty label goes on with the row before. */
export function drawBox(title: string, rows: [label: string, value: string][]): string {
  const labelWidth = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, value]) => `  ${label.padEnd(labelWidth)}  ${value}`);
  const width = Math.max(title.length + 4, ...lines.map((line) => line.length)) + 2;
  return [
    `╭─ ${title} ${'─'.repeat(width - title.length - 3)}╮`,
    ...lines.map((line) => `│${line.padEnd(width)}│`),
    `╰${'─'.repeat(width)}╯`,
  ].join('\n');
}
