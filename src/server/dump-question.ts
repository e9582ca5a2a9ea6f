import type { DumpQuestion } from '../pipeline/serve/answer-dump.ts';

/** An address in hexadecimal, a symbol, or symbol+0x10. */
const ADDRESS = /^(?:(?:0x)?[0-9a-f]{1,16}|[A-Za-z_.$][\w.$]{0,150}(?:\+(?:0x[0-9a-f]{1,8}|\d{1,9}))?)$/i;
const TYPE = /^(?:struct |union )?[A-Za-z_]\w{0,98}$/;
const MOST_BYTES = 4096;

type Query = Readonly<Record<string, string | undefined>>;

/** The question that the address of a page asks, or in a line what is wrong with it. */
export function readQuestion(kind: string, query: Query): DumpQuestion | string {
  switch (kind) {
    case 'map':
    case 'lost':
      return { kind };
    case 'cache': {
      const { name = '' } = query;
      return name === '' || name.length > 200 ? 'Which cache?' : { kind, name };
    }
    case 'refs':
    case 'view': {
      const address = (query['address'] ?? '').trim();
      if (!ADDRESS.test(address)) return 'That is no address: up to 16 hexadecimal digits, a symbol, or symbol+0x10.';
      return kind === 'refs' ? { kind, address } : readView(address, query);
    }
    default:
      return 'There is no such page.';
  }
}

function readView(address: string, query: Query): DumpQuestion | string {
  const [count, type] = [(query['bytes'] ?? '').trim(), (query['type'] ?? '').trim()];
  const bytes = Number(count);
  if (count !== '' && !(Number.isInteger(bytes) && bytes >= 1 && bytes <= MOST_BYTES))
    return `That is no number of bytes: from 1 to ${MOST_BYTES}.`;
  if (type !== '' && !TYPE.test(type)) return 'That is no name of a struct.';
  return { kind: 'view', address, ...(count === '' ? {} : { bytes }), ...(type === '' ? {} : { type }) };
}

/** As in the address of a page. */
export function spellQuestion(question: DumpQuestion): URLSearchParams {
  switch (question.kind) {
    case 'map':
    case 'lost':
      return new URLSearchParams();
    case 'cache':
      return new URLSearchParams({ name: question.name });
    case 'refs':
      return new URLSearchParams({ address: question.address });
    case 'view': {
      const { address, bytes, type } = question;
      const query = new URLSearchParams({ address });
      if (bytes !== undefined) query.set('bytes', String(bytes));
      if (type !== undefined) query.set('type', type);
      return query;
    }
  }
}
