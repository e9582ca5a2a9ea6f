import { html, type Markup } from './html-markup.ts';
import type { Box } from './treemap-layout.ts';

/** Name and size, as large as fits; too small to read becomes readable when zoomed, smaller than that is left out. */
export function cellLabel(
  name: string,
  size: string,
  box: Box,
  colour: string,
  sizeBelow: boolean,
  smallest = 3,
): Markup | undefined {
  const line = sizeBelow ? name : `${name} ${size}`;
  const longest = Math.max(line.length, sizeBelow ? size.length : 0);
  const fit = Math.min(14, (box.width - 10) / (longest * 0.64), (box.height - 6) / (sizeBelow ? 2.5 : 1.3));
  if (!(fit >= smallest)) return undefined;
  const step = fit * 1.25;
  return html`<text
      class="on ${colour}"
      font-size="${round(fit)}"
      x="${round(box.x + 6)}"
      y="${round(box.y + 3 + step)}"
      >${line}</text
    >${
      sizeBelow &&
      html`<text
        class="on strong ${colour}"
        font-size="${round(fit)}"
        x="${round(box.x + 6)}"
        y="${round(box.y + 3 + step * 2)}"
        >${size}</text
      >`
    }`;
}

export const shrunk = ({ x, y, width, height }: Box, by: number): Box => ({
  x: x + by / 2,
  y: y + by / 2,
  width: Math.max(0.2, width - by),
  height: Math.max(0.2, height - by),
});

/** The lower part of a box, as high as the share says. */
export const lowerPart = (box: Box, share: number): Box => {
  const height = box.height * Math.min(1, share);
  return { ...box, y: box.y + box.height - height, height };
};

export const at = ({ x, y, width, height }: Box): Markup =>
  html`x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;

export const viewBox = ({ x, y, width, height }: Box): string => [x, y, width, height].map(round).join(' ');

const round = (value: number): string => Number(value.toFixed(2)).toString();
