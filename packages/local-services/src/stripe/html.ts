import { createHash } from 'node:crypto';

/** Markup that needs no escaping any more. */
export interface Html {
  readonly markup: string;
}

/** Makes markup; everything put in is escaped unless it is markup itself. Lists are joined, `null`, `undefined` and `false` vanish. */
export function html(parts: TemplateStringsArray, ...values: unknown[]): Html {
  return { markup: String.raw({ raw: parts }, ...values.map(render)) };
}

/** Makes a whole page, with our style sheet inside so that it needs nothing from anywhere. */
export function page(title: string, body: Html): string {
  return `<!doctype html>\n${
    html`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${{ markup: `<style>${STYLE}</style>` }}
      </head>
      <body>
        ${body}
      </body>
    </html>`.markup
  }`;
}

/**
 * Gives the headers of a page: nothing is loaded, no script runs.
 *
 * @param formTargets origins a form may lead to; browsers hold the redirect after a form to this list too
 */
export function pageHeaders(formTargets: string[] = []): Record<string, string> {
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': [
      "default-src 'none'",
      `style-src 'sha256-${STYLE_HASH}'`,
      `form-action ${["'self'", ...formTargets].join(' ')}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}

function render(value: unknown): string {
  if (value === null || value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.map(render).join('');
  if (isHtml(value)) return value.markup;
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new TypeError('A page shows text and numbers only.');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function isHtml(value: unknown): value is Html {
  return typeof value === 'object' && value !== null && 'markup' in value;
}

const STYLE = `
:root { color-scheme: light; --ink: #1a1f36; --soft: #697386; --line: #e3e8ee; --accent: #5851df; --wash: #f6f8fa; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #fff; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
h1, h2, p { margin: 0; }
.badge { background: #ffde92; color: #6d4206; border-radius: 4px; padding: 1px 7px; font-size: 11px; font-weight: 700; letter-spacing: .04em; }
.soft { color: var(--soft); }
.checkout { display: grid; grid-template-columns: 1fr 1fr; min-height: 100vh; }
.summary { background: var(--wash); border-right: 1px solid var(--line); }
.column { width: min(420px, 100%); padding: 56px 24px; }
.summary .column { margin-left: auto; margin-right: 56px; }
.form .column { margin-left: 56px; }
.back { display: flex; gap: 10px; align-items: center; margin-bottom: 28px; color: var(--ink); font-weight: 600; }
.total { font-size: 38px; font-weight: 650; letter-spacing: -.02em; margin: 2px 0 28px; }
.lines { list-style: none; margin: 0; padding: 0; }
.lines li { display: flex; justify-content: space-between; gap: 24px; padding: 12px 0; border-bottom: 1px solid var(--line); }
.lines li:last-child { border: 0; font-weight: 650; }
.lines span { overflow-wrap: anywhere; }
.lines small { display: block; color: var(--soft); font-weight: 400; }
.lines .price { white-space: nowrap; font-variant-numeric: tabular-nums; }
h2 { font-size: 20px; margin-bottom: 20px; }
label { display: block; font-size: 13px; font-weight: 600; color: #4f566b; margin-bottom: 16px; }
input { display: block; width: 100%; margin-top: 6px; padding: 11px 12px; border: 1px solid #d5dbe1; border-radius: 7px; font: inherit; font-size: 15px; font-weight: 400; color: var(--ink); background: #fff; box-shadow: 0 1px 2px rgba(26, 31, 54, .06); }
input:focus { outline: 3px solid rgba(88, 81, 223, .25); border-color: var(--accent); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
button { width: 100%; padding: 12px; margin-top: 8px; border: 0; border-radius: 7px; background: var(--accent); color: #fff; font: inherit; font-weight: 650; cursor: pointer; }
button:hover { background: #463fc4; }
button.plain { background: none; color: var(--accent); }
.notice button { margin-top: 16px; }
.notice button + button { margin-top: 0; }
.alert { background: #fff0f0; border: 1px solid #f5c2c7; color: #a41c2f; border-radius: 7px; padding: 10px 12px; margin-bottom: 20px; }
.hint { margin-top: 24px; padding: 12px 14px; border-radius: 7px; background: var(--wash); border: 1px solid var(--line); font-size: 13px; color: var(--soft); }
code { font: 12.5px ui-monospace, SFMono-Regular, Menlo, monospace; color: var(--ink); white-space: nowrap; }
a code { color: inherit; }
.notice { max-width: 440px; margin: 18vh auto 0; padding: 0 24px; text-align: center; }
.notice h1 { font-size: 24px; margin-bottom: 8px; }
.notice .button { display: inline-block; margin-top: 24px; padding: 10px 22px; border-radius: 7px; background: var(--accent); color: #fff; font-weight: 600; }
.dashboard { max-width: 1120px; margin: 0 auto; padding: 40px 24px 80px; }
.dashboard h1 { font-size: 26px; margin-bottom: 4px; }
.dashboard h2 { font-size: 17px; margin: 36px 0 8px; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { text-align: left; padding: 8px 12px; border-top: 1px solid var(--line); white-space: nowrap; }
th { background: var(--wash); border-top: 0; color: var(--soft); font-weight: 600; }
.empty { padding: 14px; color: var(--soft); }
@media (max-width: 800px) {
  .checkout { display: block; }
  .summary { border-right: 0; border-bottom: 1px solid var(--line); }
  .summary .column, .form .column { margin: 0 auto; padding: 28px 20px; }
}
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
