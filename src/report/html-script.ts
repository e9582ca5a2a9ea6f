import { COPY_BUTTON } from './copy-button.ts';

/**
 * The page's script: copy buttons, and a treemap that enlarges an area. Nothing is missing without it. Set inline and
 * allowed by its hash; `html-policy.test.ts` says the new hash after a change.
 */
export const SCRIPT: string = `
'use strict';
(() => {
  for (const hint of document.querySelectorAll('.js')) hint.hidden = false;

${COPY_BUTTON}
  for (const button of document.querySelectorAll('.copy')) prepareCopy(button);

  for (const map of document.querySelectorAll('.treemap svg')) {
    map.classList.add('zooms');
    const zoom = (area) => {
      const back = map.classList.contains('zoomed');
      map.setAttribute('viewBox', back ? map.dataset.whole : area.dataset.zoom);
      map.classList.toggle('zoomed', !back);
    };
    for (const area of map.querySelectorAll('.area')) {
      area.setAttribute('tabindex', '0');
      area.addEventListener('click', () => zoom(area));
      area.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        zoom(area);
      });
    }
  }

  let folded = [];
  addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('details:not([open])')];
    for (const part of folded) part.open = true;
  });
  addEventListener('afterprint', () => {
    for (const part of folded) part.open = false;
  });
})();
`;
