import type { KnownIssue } from '../issue.ts';

export const k0037: KnownIssue = {
  id: 'K-0037',
  title: 'Raspberry Pi 3 Wi-Fi: each read of /proc/net/wireless leaves a kmalloc-2048 object',
  cause:
    'A few reporters, 2016: ifplugd reads that file every second; reading it in a loop makes kmalloc-2048 grow. Pi 2 with a dongle does not. The faulty line is not named in what was read of the thread.',
  fix: 'Stop what polls the file (ifplugd, desktop applets); a Raspberry Pi kernel newer than 4.4.',
  status: 'workaround',
  certainty: 'reported',
  references: ['https://github.com/raspberrypi/linux/issues/1471'],
  signature: {
    caches: ['kmalloc-2048'],
    modules: ['brcmfmac'],
    kernel: [{ from: '4.1', before: '4.5' }],
    weight: { identifies: [], suggests: [['caches', 'modules', 'kernel']] },
  },
  words: ['brcmfmac', 'raspberry', 'ifplugd', 'kmalloc-2048', '/proc/net/wireless', 'wifi', '4.4.9-v7+'],
};
