import { COPY_BUTTON } from '../copy-button.ts';

/**
 * The script of the server's pages: sorting and filtering tables, copying commands, uploads with their progress, live updates.
 * Nothing but the upload of a file needs it. Served as a file of its own; it talks to its own server alone.
 */
export const WEB_SCRIPT: string = `
'use strict';
(() => {
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value ?? cell.textContent.trim();
  };
  const compare = (a, b) => {
    const [x, y] = [Number(a), Number(b)];
    if (a !== '' && b !== '' && !Number.isNaN(x) && !Number.isNaN(y)) return x - y;
    return a.localeCompare(b, 'en', { numeric: true });
  };
  // By the table's id: what was sorted and sought stays when a part of the page is sent anew.
  const sorted = new Map();
  const sought = new Map();

  const sort = (table, column, down) => {
    const heads = [...table.tHead.rows[0].cells];
    for (const other of heads) other.removeAttribute('aria-sort');
    heads[column]?.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const rows = [...table.tBodies[0].rows].sort((a, b) => compare(value(a, column), value(b, column)) * (down ? -1 : 1));
    table.tBodies[0].append(...rows);
  };
  // Where there is no room for columns, each figure says what it is.
  const label = (table) => {
    const names = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
    for (const row of table.tBodies[0].rows)
      for (const [i, cell] of [...row.cells].entries())
        if (cell.classList.contains('n') && cell.textContent.trim() !== '') cell.dataset.label = names[i];
  };
  const prepareTable = (table) => {
    label(table);
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (head.textContent.trim() === '') return;
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener('click', () => {
        const was = head.getAttribute('aria-sort');
        const isNumber = head.classList.contains('n');
        const down = was ? was === 'ascending' : isNumber;
        sorted.set(table.id, [column, down]);
        sort(table, column, down);
      });
    });
    const again = sorted.get(table.id);
    if (again) sort(table, ...again);
  };
  const prepareFilter = (input) => {
    const id = input.dataset.filter;
    const table = document.getElementById(id);
    const count = document.getElementById(id + '-count');
    const kinds = document.querySelector('select[data-kinds="' + id + '"]');
    const filter = () => {
      sought.set(id, [input.value, kinds?.value ?? '']);
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
    const [words, kind] = sought.get(id) ?? ['', ''];
    if (words === '' && kind === '') return;
    input.value = words;
    if (kinds) kinds.value = kind;
    filter();
  };
${COPY_BUTTON}
  const prepare = (root) => {
    for (const part of root.querySelectorAll('.js')) part.hidden = false;
    for (const table of root.querySelectorAll('table[data-sortable]')) prepareTable(table);
    for (const input of root.querySelectorAll('input[data-filter]')) prepareFilter(input);
    for (const button of root.querySelectorAll('.copy')) prepareCopy(button);
  };
  prepare(document);

  const upload = document.getElementById('upload');
  if (upload) {
    const [file, bar, said] = ['file', 'bar', 'said'].map((name) => document.getElementById(name));
    upload.hidden = false;
    for (const event of ['dragover', 'dragleave', 'drop'])
      addEventListener(event, (moved) => {
        if (!moved.dataTransfer.types.includes('Files')) return;
        moved.preventDefault();
        document.body.classList.toggle('over', event === 'dragover');
        if (event !== 'drop' || moved.dataTransfer.files.length === 0) return;
        // A folder comes as a file that cannot be read.
        const isFolder = [...moved.dataTransfer.items].some((item) => item.webkitGetAsEntry?.()?.isDirectory);
        said.textContent = isFolder ? 'A folder cannot be sent: pack it into a .tar.gz, or drop the files in it.' : '';
        if (!isFolder) file.files = moved.dataTransfer.files;
      });
    upload.addEventListener('submit', (event) => {
      event.preventDefault();
      const chosen = [...file.files];
      if (chosen.length === 0) { said.textContent = 'Choose a file first.'; return; }
      const query = new URLSearchParams();
      for (const { name, size, lastModified } of chosen) {
        query.append('name', name);
        query.append('size', size);
        query.append('modified', lastModified);
      }
      const request = new XMLHttpRequest();
      request.open('POST', '/api/v1/upload?' + query);
      request.setRequestHeader('content-type', 'application/octet-stream');
      bar.hidden = false;
      said.textContent = 'Sending …';
      request.upload.addEventListener('progress', ({ loaded, total }) => { bar.max = total; bar.value = loaded; });
      request.addEventListener('load', () => {
        if (request.status === 202) location.assign('/jobs/' + JSON.parse(request.responseText).job);
        else said.textContent = request.responseText;
      });
      request.addEventListener('error', () => { said.textContent = 'The upload was cut off, or a file changed meanwhile.'; });
      // One behind the other, read from the disk as they are sent.
      request.send(new Blob(chosen));
    });
  }

  const live = document.querySelector('[data-live]');
  if (live) {
    const held = new Map();
    const isUsed = (part) =>
      part.contains(document.activeElement) || (getSelection().type === 'Range' && part.contains(getSelection().anchorNode));
    const put = (id, html) => {
      const old = document.getElementById(id);
      if (!old) { location.reload(); return; }
      // What somebody reads with the keyboard or has marked is not taken from under them.
      if (isUsed(old)) { held.set(id, html); return; }
      held.delete(id);
      const made = document.createElement('template');
      made.innerHTML = html;
      const [fresh] = made.content.children;
      if (!fresh) return;
      const open = [...old.querySelectorAll('details')].map((part) => part.open);
      const parts = [...fresh.querySelectorAll('details')];
      if (parts.length === open.length) parts.forEach((part, i) => { part.open = open[i]; });
      const table = old.closest('table');
      old.replaceWith(fresh);
      prepare(fresh);
      if (table) label(table);
      table?.dispatchEvent(new Event('changed'));
    };
    setInterval(() => { for (const [id, html] of [...held]) put(id, html); }, 1000);
    const source = new EventSource(live.dataset.live);
    addEventListener('pagehide', () => source.close());
    source.addEventListener('changed', (event) => {
      const { id, html, go } = JSON.parse(event.data);
      if (!go) { put(id, html); return; }
      source.close();
      location.replace(go);
    });
  }
})();
`;
