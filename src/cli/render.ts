import type { Diagnosis } from '../findings/diagnosis.ts';

export type Format = 'text' | 'markdown' | 'html' | 'json';

interface Look {
  readonly toTerminal: boolean;
  readonly all: boolean;
  readonly ascii: boolean;
  readonly colour: boolean;
  readonly width: number | undefined;
}

/** Renders with the one renderer that is needed; the others are not loaded. */
export async function render(diagnosis: Diagnosis, format: Format, look: Look): Promise<string> {
  switch (format) {
    case 'json': {
      const { renderJson } = await import('../report/json.ts');
      return renderJson(diagnosis);
    }
    case 'markdown': {
      const { renderMarkdown } = await import('../report/markdown.ts');
      return renderMarkdown(diagnosis);
    }
    case 'html': {
      const { renderHtml } = await import('../report/html.ts');
      const { glossaryFor } = await import('../report/glossary/for-report.ts');
      return renderHtml(diagnosis, { glossary: glossaryFor(diagnosis) });
    }
    case 'text': {
      const { renderText } = await import('../report/text.ts');
      return renderText(diagnosis, {
        colour: look.colour && look.toTerminal,
        width: look.toTerminal ? Math.min(140, Math.max(60, look.width ?? 80)) : 100,
        all: look.all,
        ascii: look.ascii,
      });
    }
  }
}
