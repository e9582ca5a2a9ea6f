/**
 * A process that opens many connections to a port of loopback and holds them: `silent` says nothing, `slow` begins a request and
 * adds a byte of it now and then. Tells its parent when each of them was opened or refused, and ends with it.
 */
import { connect, type Socket } from 'node:net';

const [port = 0, count = 0] = process.argv.slice(2, 4).map(Number);
const slow = process.argv[4] === 'slow';
/** As many as a server's queue of connections holds. */
const WAVE = 256;

const open = async (): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    socket.on('error', () => resolve(undefined));
    socket.on('data', () => undefined);
  });

const sockets: Socket[] = [];
for (let done = 0; done < count; done += WAVE) {
  const wave = await Promise.all(Array.from({ length: Math.min(WAVE, count - done) }, open));
  for (const socket of wave) {
    if (!socket) continue;
    sockets.push(socket);
    if (slow) socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  }
}
if (slow)
  setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('x');
  }, 1000);
process.send?.({ opened: sockets.length });
process.once('disconnect', () => process.exit());
