import type { Diagnosis } from '../../findings/diagnosis.ts';
import type { Fleet } from '../../findings/fleet.ts';
import type { HostMetrics } from '../../findings/host-metrics.ts';
import { readIdentity } from '../../sources/live/identity.ts';
import { Redactor, type Identity } from '../../sources/redaction/redactor.ts';

/** Where a path tells nobody: the kernel's own files, and bare names that they are saved under. */
const KERNEL_FILE = /(?:^|\/)((?:proc|sys|dev|etc)\/[\w./*-]{1,200}|[a-z_]{1,20}(?:\.txt|\.log)?)$/;
/** Texts of these names are words of kleak or of the kernel. */
const KEPT = new Set([
  'schema',
  'verdict',
  'layer',
  'kind',
  'id',
  'version',
  'release',
  'machine',
  'from',
  'to',
  'rule',
  'signal',
]);
/** `driver i40e = 2.3.6`: versions are written as addresses are. */
const VERSIONED = /\b(?:driver|module|package|kernel)(?: [\w.@+-]{1,100})? = ([\w.+:~-]{1,100})/g;
const MOST_VERSIONS = 200;
const NOBODY: Identity = { hosts: [], users: [] };

/** Without what names the host it is of: its name, files as the user calls them, addresses, users, command lines. */
export function redactDiagnosis(diagnosis: Diagnosis, known: Identity = NOBODY): Diagnosis {
  const { host } = diagnosis;
  const hosts = [...known.hosts, ...(host?.name === undefined ? [] : [host.name])];
  return redactDocument(diagnosis, { ...known, hosts });
}

/** Of inputs that may be of this host: its own names are known. */
export const redactOwnDiagnosis = async (diagnosis: Diagnosis): Promise<Diagnosis> =>
  redactDiagnosis(diagnosis, await readIdentity());

/** Names of hosts and of the server become others, the same ones throughout; attributes and versions stay. */
export function redactFleet(fleet: Fleet): Fleet {
  const listed = [fleet.association, ...fleet.equalAssociations, ...fleet.otherAssociations].flatMap((one) =>
    one ? [...one.contradicting.healthyWithIt, ...one.contradicting.leakingWithoutIt] : [],
  );
  const hosts = [
    ...fleet.leaking.map(({ host }) => host),
    ...fleet.twins.map(({ host }) => host),
    ...fleet.unread.map(({ what }) => what),
    ...listed,
    ...[fleet.load.server, ...fleet.inputs.map(({ file }) => file)].map((url) => URL.parse(url)?.hostname ?? url),
  ];
  return redactDocument(fleet, { hosts, users: [] });
}

/** Takes names out of what `kleak export` of this host says: of control groups in caches, of whatever a finding is about. */
export class MetricsRedactor {
  readonly #redactor: Redactor;

  constructor(identity: Identity) {
    this.#redactor = new Redactor(identity);
  }

  static async ofHost(root?: string): Promise<MetricsRedactor> {
    return new MetricsRedactor(await readIdentity(root));
  }

  redact(metrics: HostMetrics): HostMetrics {
    const code = (name: string): string => this.#redactor.redact('proc/slabinfo', name);
    const { verdict } = metrics;
    return {
      ...metrics,
      growing: metrics.growing.map((one) => ({ ...one, cache: code(one.cache) })),
      ...(verdict && {
        verdict: {
          ...verdict,
          findings: verdict.findings.map((one) => ({ ...one, subject: this.#redactor.redact('text', one.subject) })),
        },
      }),
    };
  }
}

function redactDocument<T extends object>(document: T, identity: Identity): T {
  const copy = structuredClone(document);
  new DocumentRedactor(identity, copy).walk(copy, '');
  return copy;
}

/** Rewrites the texts of a document in place. */
class DocumentRedactor {
  readonly #redactor: Redactor;
  readonly #hosts: ReadonlySet<string>;
  /** Files as the user called them, longest first. */
  readonly #files: readonly string[];
  readonly #versions: readonly string[];
  readonly #done = new Map<string, string>();

  constructor(identity: Identity, document: object) {
    this.#redactor = new Redactor(identity);
    this.#hosts = new Set(identity.hosts);
    const texts = [...textsOf(document, '')];
    this.#files = [...new Set(texts.flatMap(([key, text]) => (key === 'file' ? [userPart(text)] : [])))]
      .filter((file) => file.length > 1 && !this.#hosts.has(file) && URL.parse(file) === null)
      .toSorted((a, b) => b.length - a.length);
    this.#versions = [
      ...new Set(
        texts
          .flatMap(([, text]) => [...text.matchAll(VERSIONED)].map(([, version = '']) => version))
          .filter(looksLikeAddress),
      ),
    ].slice(0, MOST_VERSIONS);
  }

  walk(value: object, parent: string): void {
    for (const [key, one] of Object.entries(value)) {
      const name = Array.isArray(value) ? parent : key;
      if (typeof one === 'object' && one !== null) this.walk(one, name);
      else if (typeof one === 'string' && !KEPT.has(name)) Reflect.set(value, key, this.#text(one));
    }
  }

  /** The same text comes again and again, as a file's name with each of its lines. */
  #text(text: string): string {
    const known = this.#done.get(text);
    if (known !== undefined) return known;
    const redacted = this.#redact(text);
    this.#done.set(text, redacted);
    return redacted;
  }

  #redact(text: string): string {
    if (this.#hosts.has(text)) return this.#redactor.replace('host', text);
    const file = this.#files.find((one) => text.includes(one));
    if (file !== undefined)
      return text
        .split(file)
        .map((part) => this.#text(part))
        .join(this.#redactor.replace('path', file));
    const version = this.#versions.find((one) => text.includes(one));
    if (version !== undefined)
      return text
        .split(version)
        .map((part) => this.#text(part))
        .join(version);
    return this.#redactor.redact('text', text);
  }
}

function* textsOf(value: object, parent: string): Generator<readonly [key: string, text: string]> {
  for (const [key, one] of Object.entries(value)) {
    const name = Array.isArray(value) ? parent : key;
    if (typeof one === 'object' && one !== null) yield* textsOf(one, name);
    else if (typeof one === 'string') yield [name, one];
  }
}

/** Of a path what comes before the kernel's own; all of it where nothing of it is the kernel's. */
function userPart(file: string): string {
  const kernels = KERNEL_FILE.exec(file)?.[1];
  return kernels === undefined ? file : file.slice(0, file.length - kernels.length).replace(/\/$/, '');
}

const looksLikeAddress = (version: string): boolean => /^(?:\d{1,3}\.){3}\d{1,3}$/.test(version);
