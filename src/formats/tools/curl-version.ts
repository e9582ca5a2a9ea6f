import type { Parsed } from '../../base/errors.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';
import type { Versions } from './versions.ts';

const BANNER =
  /^\s*curl (\d[\w.-]{0,30}) \([^)]{1,80}\)((?: [\w.+-]{1,40}\/[^\s]{1,60}| \([^)]{1,80}\)| [\w-]{1,40})*)\s*$/;
const MORE = /^\s*(?:Release-Date|Protocols|Features):\s/;

/** `curl --version`: the program, and the libraries it was linked with, e.g. `NSS/3.15.3`. Written by curl src/tool_help.c, tool_version_info(). */
export const curlVersion: TextFormat<'curl-version', Versions> = {
  kind: 'curl-version',
  looksFor: 'the banner of curl --version: "curl 7.19.7 (x86_64-redhat-linux-gnu) libcurl/7.19.7 NSS/3.15.3"',
  many: true,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    return first.length < 1_000 && BANNER.test(first) ? 1 + runOf(lines, at + 1, (text) => MORE.test(text)) : 0;
  },

  parse(lines, file): Parsed<Versions> {
    const [, version = '', rest = ''] = BANNER.exec(lines[0]?.text ?? '') ?? [];
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    const libraries = [...rest.matchAll(/([\w.+-]+)\/([\w.+-]+)/g)].map(([, name = '', v = '']) => ({
      kind: 'library' as const,
      name,
      version: v,
      at,
    }));
    return { value: { programs: [{ kind: 'program', name: 'curl', version, at }, ...libraries] }, problems: [] };
  },
};
