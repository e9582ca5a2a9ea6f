import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { bootId } from './boot-id.ts';

const id = '0fc63daf-8483-4772-8e79-3d69d8477de4';

describe('boot_id', () => {
  it('is a UUID that stands alone, or below its name', () => {
    expect(readBlock(bootId, `${id}\n`).value.id).toBe(id);
    const named = `a\nb\nc\nd\n==> /proc/sys/kernel/random/boot_id <==\n${id}\n`;
    expect(bootId.claim(cleanLines(named), 5)).toBe(1);
    expect(bootId.claim(cleanLines(`a\nb\nc\nd\n${id}\n`), 4)).toBe(0);
    expect(bootId.claim(cleanLines(id.toUpperCase()), 0)).toBe(0);
  });

  exerciseFormat(bootId, `${id}\n`);
});
