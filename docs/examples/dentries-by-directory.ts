/** Which directories hold the dentries, and how many of those are negative: names of files that do not exist. */
import { ifThere, openCore, type StructView } from 'kleak';

const core = openCore(process.argv[2] ?? 'vmcore');

const pathOf = (dentry: StructView): string => {
  const names: string[] = [];
  for (let at = dentry; names.length < 50;) {
    const parent = at.follow('d_parent');
    if (parent === undefined || parent.address() === at.address()) break;
    names.unshift(at.text('d_name.name'));
    at = parent;
  }
  return `/${names.join('/')}`;
};

const directories = new Map<string, { dentries: number; negative: number }>();
const paths = new Map<bigint, string>();
for (const { address, state } of core.objects('dentry')) {
  if (state !== 'allocated') continue;
  const dentry = core.struct('dentry', address);
  const parent = ifThere(() => dentry.pointer('d_parent'));
  if (parent === undefined) continue;
  const path = paths.get(parent) ?? ifThere(() => pathOf(core.struct('dentry', parent))) ?? 'not in the dump';
  paths.set(parent, path);
  const group = directories.get(path) ?? { dentries: 0, negative: 0 };
  directories.set(path, group);
  group.dentries++;
  if (dentry.pointer('d_inode') === 0n) group.negative++;
}

const largest = [...directories].toSorted(([, a], [, b]) => b.dentries - a.dentries).slice(0, 10);
for (const [path, { dentries, negative }] of largest) console.log(`${dentries}\t${negative} negative\t${path}`);
core.close();
