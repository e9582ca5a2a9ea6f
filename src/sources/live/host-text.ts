import type { HostClient, HostReply } from './host-client.ts';
import type { HostRequest } from './host-reader.ts';

/** What a request came to, its parts joined: for files that are needed whole. */
export interface HostText extends Omit<HostReply, 'parts'> {
  readonly content: Buffer;
}

export async function askWhole(host: HostClient, request: HostRequest): Promise<HostText> {
  const { parts, ...rest } = await host.ask(request);
  return { ...rest, content: Buffer.concat(parts) };
}
