/**
 * The script of the server's pages: sorting and filtering tables, uploads with their progress, live updates. Nothing but the
 * upload of a file needs it. Served as a file of its own; it talks to its own server alone.
 */
export const WEB_SCRIPT: string = `
'use strict';
(() => {
  for (const part of document.querySelectorAll('.js')) part.hidden = false;
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value ?? cell.textContent.trim();
  };
  const compare = (a, b) => {
    const [x, y] = [Number(a), Number(b)];
    if (a !== '' && b !== '' && !Number.isNaN(x) && !Number.isNaN(y)) return x - y;
    return a.localeCompare(b, 'en', { numeric: true });
  };
  for (const table of document.querySelectorAll('table[data-sortable]')) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener('click', () => {
        const down = head.getAttribute('aria-sort') === 'ascending';
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        const rows = [...table.tBodies[0].rows].sort((a, b) => compare(value(a, column), value(b, column)) * (down ? -1 : 1));
        table.tBodies[0].append(...rows);
      });
    });
  }
  for (const input of document.querySelectorAll('input[data-filter]')) {
    const table = document.getElementById(input.dataset.filter);
    const count = document.getElementById(input.dataset.filter + '-count');
    const kinds = document.querySelector('select[data-kinds="' + input.dataset.filter + '"]');
    const filter = () => {
      const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
      const kind = kinds?.value ?? '';
      let shown = 0;
      for (const row of table.tBodies[0].rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = (kind !== '' && row.dataset.kind !== kind) || !words.every((word) => text.includes(word));
        if (!row.hidden) shown++;
      }
      if (count) count.textContent = shown + ' of ' + table.tBodies[0].rows.length;
    };
    input.addEventListener('input', filter);
    kinds?.addEventListener('change', filter);
    table.addEventListener('changed', filter);
  }
  const upload = document.getElementById('upload');
  if (upload) {
    const [file, bar, said] = ['file', 'bar', 'said'].map((name) => document.getElementById(name));
    upload.hidden = false;
    upload.addEventListener('submit', (event) => {
      event.preventDefault();
      const [chosen] = file.files;
      if (!chosen) { said.textContent = 'Choose a file first.'; return; }
      const request = new XMLHttpRequest();
      request.open('POST', '/api/v1/upload?name=' + encodeURIComponent(chosen.name));
      request.setRequestHeader('content-type', 'application/octet-stream');
      bar.hidden = false;
      request.upload.addEventListener('progress', ({ loaded, total }) => { bar.max = total; bar.value = loaded; });
      request.addEventListener('load', () => {
        if (request.status === 202) location.assign('/jobs/' + JSON.parse(request.responseText).job);
        else said.textContent = request.responseText;
      });
      request.addEventListener('error', () => { said.textContent = 'The upload was cut off.'; });
      request.send(chosen);
    });
  }
  const live = document.querySelector('[data-live]');
  if (live) {
    const source = new EventSource(live.dataset.live);
    source.addEventListener('changed', (event) => {
      const { id, html, go } = JSON.parse(event.data);
      if (go) { source.close(); location.assign(go); return; }
      const old = document.getElementById(id);
      if (!old) { location.reload(); return; }
      const made = document.createElement('template');
      made.innerHTML = html;
      const table = old.closest('table');
      old.replaceWith(made.content);
      table?.dispatchEvent(new Event('changed'));
    });
  }
})();
`;
