import { expect, it } from 'vitest';
import { parseKernelConfig } from './kernel-config.ts';

it('reads what is set, to what, and what is expressly not', () => {
  const config = parseKernelConfig(
    '#\n# Linux/x86 6.1.192 Kernel Configuration\n#\nCONFIG_DEBUG_KMEMLEAK=y\nCONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE=16000\n# CONFIG_PAGE_OWNER is not set\nCONFIG_LOCALVERSION="-x"\nCONFIG_BROKEN\n',
  );
  expect([...config]).toEqual([
    ['DEBUG_KMEMLEAK', 'y'],
    ['DEBUG_KMEMLEAK_MEM_POOL_SIZE', '16000'],
    ['PAGE_OWNER', 'n'],
    ['LOCALVERSION', '-x'],
  ]);
});
