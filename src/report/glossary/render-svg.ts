import { escapeHtml } from '../escape.ts';
import type { Mark, Picture } from './term.ts';

const FILLS = { none: '0', soft: '0.12', strong: '0.45' } as const;

/**
 * A picture as inline SVG, in the colour of the text around it, so that it reads on dark and on light. `name` makes
 * the ids unique on the page.
 */
export function renderPicture(picture: Picture, name: string): string {
  const id = `picture-${name.replaceAll(/[^\w-]/g, '-')}`;
  const { width, height, title, description, marks } = picture;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc" width="${width}" height="${height}" fill="currentColor" stroke="none" font-family="sans-serif" font-size="12">`,
    `<title id="${id}-title">${escapeHtml(title)}</title>`,
    `<desc id="${id}-desc">${escapeHtml(description)}</desc>`,
    ...marks.map(renderMark),
    '</svg>',
  ].join('\n');
}

function renderMark(mark: Mark): string {
  switch (mark.kind) {
    case 'box': {
      const dashes = mark.dashed ? ' stroke-dasharray="4 3"' : '';
      return `<rect x="${mark.x}" y="${mark.y}" width="${mark.width}" height="${mark.height}" fill-opacity="${FILLS[mark.fill]}" stroke="currentColor"${dashes}/>`;
    }
    case 'label': {
      const anchor = mark.anchor === undefined ? '' : ` text-anchor="${mark.anchor}"`;
      return `<text x="${mark.x}" y="${mark.y}"${anchor}>${escapeHtml(mark.text)}</text>`;
    }
    case 'arrow':
      return `<path d="${arrowPath(mark.from, mark.to)}" fill="none" stroke="currentColor"/>`;
  }
}

/** A line with an open head of 6 units. */
function arrowPath([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): string {
  const direction = Math.atan2(y2 - y1, x2 - x1);
  const [left, right] = [direction + 2.7, direction - 2.7].map(
    (angle) => `${round(x2 + 6 * Math.cos(angle))} ${round(y2 + 6 * Math.sin(angle))}`,
  );
  return `M${x1} ${y1}L${x2} ${y2}M${left}L${x2} ${y2}L${right}`;
}

const round = (n: number): number => Math.round(n * 100) / 100;
