import type { GlossaryTerm } from './term.ts';
import { renderTermHtml } from './render.ts';
import { escapeHtml } from '../escape.ts';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}svg{max-width:100%;height:auto}';

/** Terms as a page of their own, in light and dark, without anything from elsewhere. */
export function renderTermPage(terms: readonly GlossaryTerm[]): string {
  const title = terms.map((t) => t.title).join(', ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – kleak explain</title>
<style>${STYLE}</style>
</head>
<body>
${terms.map(renderTermHtml).join('\n')}
</body>
</html>
`;
}
