import { expect, it } from 'vitest';
import { dumpLeak } from '../../testkit/sample-dump-diagnosis.ts';
import { withTexts } from '../../testkit/sample-diagnosis.ts';
import { renderHtml } from './html.ts';
import { jsonDiagnosis } from './json.ts';
import { renderMarkdown } from './markdown.ts';
import { renderText } from './text.ts';

const page = renderHtml(dumpLeak);
const words = page
  .replaceAll(/<style>.*?<\/style>/gs, '')
  .replaceAll(/<[^>]*>/g, ' ')
  .replaceAll(/\s+/g, ' ');

it('shows what is lost, its parts, one of them, and the way to what is kept', () => {
  expect(words).toContain('600 MiB of kernel memory were searched for addresses of 400,000 objects and of pages.');
  expect(words).toContain('3.0 MiB that may hold addresses are not in the dump.');
  expect(words).toContain(
    '300,000 × , 9.2 MiB struct seq_operations kmalloc-32, 9.2 MiB type not known kmalloc-64, 192 B',
  );
  expect(words).toContain(`One of them, at ffff888101000000 +0 start single_start +24 foo_show [foo]`);
  expect(words).toContain('11,000 × , 86.0 MiB block of 2 pages 512 more are still referred to');
  expect(words).toContain(
    'How the kernel still reaches 512 of the blocks of 2 pages root foo_ring [foo] 2 pages at frame',
  );
});

it('names the type in the map of memory', () => {
  expect(page).toContain('kmalloc-32: struct seq_operations: nothing leads to 9.2 MiB');
});

it('says nothing of a dump where there was none, and that nothing is lost where that is so', () => {
  const { dump, ...without } = dumpLeak;
  expect(renderHtml(without)).not.toContain('What the dump shows');
  if (dump === undefined) throw new Error('the sample has a dump');
  const clean = { ...without, dump: { ...dump, lost: [], lostPages: [], chains: [] } };
  expect(renderHtml(clean)).toContain('A root leads to all of them but the few that every kernel drops at boot.');
});

it('escapes what a kernel may be made to say', () => {
  const attack = '<script>alert(1)</script>';
  expect(renderHtml(withTexts(dumpLeak, () => attack))).not.toContain(attack);
});

it('gives evidence with its address in every rendering, within 80 columns of text', () => {
  expect(renderText(dumpLeak, { width: 80, colour: false })).toContain('[vmcore:ffff888101000000]');
  const lines = renderText(dumpLeak, { width: 80, colour: false }).split('\n');
  expect(lines.filter((line) => line.length > 80 && !line.includes('kleak core'))).toEqual([]);
  expect(renderMarkdown(dumpLeak)).toContain('(`vmcore:ffff888101000000`)');
  expect(words).toContain('vmcore:ffff888101000000');
  expect(jsonDiagnosis(dumpLeak).findings[0]?.evidence[0]?.source).toEqual({
    file: '/var/crash/202611261200/vmcore',
    address: 'ffff888101000000',
  });
  expect(jsonDiagnosis(dumpLeak).dump).toEqual(dumpLeak.dump);
});
