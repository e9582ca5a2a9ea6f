import type { Identity } from '../redaction/redactor.ts';
import { HostClient } from './host-client.ts';

const TIME_LIMIT = 1000;
const MOST = 1024 * 1024;
/** `nobody`, and those that systems make for themselves. */
const FIRST_USER = 1000;
const NOBODY = 65_534;

/** The names that a host knows: its own, of others (/etc/hosts), of its users. What does not answer in time is left out. */
export async function readIdentity(root = ''): Promise<Identity> {
  const client = new HostClient(TIME_LIMIT);
  const read = async (path: string): Promise<string> => {
    const { content } = await client.ask({ kind: 'file', path: root + path, most: MOST });
    return content.toString();
  };
  try {
    const own = [await read('/proc/sys/kernel/hostname'), await read('/etc/hostname')].map((name) => name.trim());
    const domain = (await read('/proc/sys/kernel/domainname')).trim();
    const others = namesOfHosts(await read('/etc/hosts'));
    const hosts = [...own, ...(domain === '(none)' ? [] : [domain]), ...others].filter((name) => name !== '');
    return { hosts: [...new Set(hosts)], users: namesOfUsers(await read('/etc/passwd')) };
  } finally {
    client.close();
  }
}

const namesOfHosts = (text: string): readonly string[] =>
  text
    .split('\n')
    .flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
    .filter((name) => !/^(?:localhost|ip6-|broadcasthost)/.test(name));

const namesOfUsers = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => {
    const [name = '', , uid = ''] = line.split(':');
    return name !== '' && Number(uid) >= FIRST_USER && Number(uid) !== NOBODY ? [name] : [];
  });
