/** A file that is known for what it is, and is not read. */
export interface ForeignDump {
  /** `a VMware snapshot`: follows “is”. */
  readonly what: string;
  readonly remedy: string;
}

interface Sign extends ForeignDump {
  readonly at: number;
  /** In hex, as the bytes stand in the file. */
  readonly magic: string;
}

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const unpack = (what: string, command: string): ForeignDump => ({
  what: `packed with ${what}`,
  remedy: `unpack it first: ${command}`,
});
const MEMORY_ONLY = 'take one with virsh dump --memory-only, or dump-guest-memory of QEMU';
const VMWARE = { what: 'a VMware snapshot', remedy: 'convert it with vmss2core, which makes an ELF core' };
const SADUMP = { what: 'a SADUMP dump of the firmware', remedy: 'convert it: makedumpfile -c -x VMLINUX FILE OUT' };
const S390 = { what: 'a stand-alone dump of s390', remedy: 'kernels of s390 are not read; use crash' };
const LKCD = { what: 'an LKCD dump of a 2.4 or 2.6 kernel', remedy: 'use crash, which reads it' };
const HIBERNATION = { what: 'a hibernation image', remedy: 'it cannot be read; take a dump with kdump instead' };
const WINDOWS = { what: 'a dump of Windows', remedy: 'kleak reads dumps of Linux kernels' };
const LIBVIRT = { what: 'a saved state of libvirt', remedy: MEMORY_ONLY };

/** Where a swap area's signature stands: at the end of its first page, whose size depends on the machine. */
const PAGE_ENDS = [4096, 16_384, 65_536] as const;

const SIGNS: readonly Sign[] = [
  { at: 0, magic: hex('sadump\0\0'), ...SADUMP },
  ...['d0bed0be', 'd1bad1ba', 'd2bed2be', 'd3bed3be'].map((magic) => ({ at: 0, magic, ...VMWARE })),
  { at: 0, magic: 'a8190173618f23fd', ...S390 },
  { at: 0, magic: 'a8190173618f23fe', ...S390 },
  ...['ed', 'cd'].flatMap((last) => [
    { at: 0, magic: `a8190173618f23${last}`, ...LKCD },
    { at: 0, magic: `${last}238f61730119a8`, ...LKCD },
  ]),
  ...PAGE_ENDS.flatMap((end) => [
    { at: end - 10, magic: hex('S1SUSPEND'), ...HIBERNATION },
    { at: end - 10, magic: hex('LINHIB0001'), ...HIBERNATION },
    {
      at: end - 10,
      magic: hex('SWAPSPACE2'),
      what: 'a swap area',
      remedy: 'give the vmcore that kdump wrote, usually below /var/crash',
    },
  ]),
  { at: 0, magic: hex('hibr'), ...WINDOWS },
  { at: 0, magic: hex('HIBR'), ...WINDOWS },
  { at: 0, magic: hex('PAGEDU64'), ...WINDOWS },
  { at: 0, magic: hex('PAGEDUMP'), ...WINDOWS },
  { at: 0, magic: hex('QEVM'), what: 'a migration stream of QEMU, as plain virsh dump writes', remedy: MEMORY_ONLY },
  { at: 0, magic: hex('LibvirtQemudSave'), ...LIBVIRT },
  { at: 0, magic: hex('LibvirtQemudPart'), ...LIBVIRT },
  { at: 0, magic: hex('QFI\u00fb'), what: 'a disk image of QEMU', remedy: MEMORY_ONLY },
  { at: 0, magic: hex('EMiL'), what: 'a LiME image', remedy: 'take a vmcore with kdump, or with the hypervisor' },
  { at: 0, magic: hex('AVML'), what: 'an AVML image', remedy: 'take a vmcore with kdump, or with the hypervisor' },
  { at: 0, magic: hex('LUKS\u00ba\u00be'), what: 'encrypted with LUKS', remedy: 'open it with cryptsetup first' },
  { at: 0, magic: hex('Salted__'), what: 'encrypted with openssl', remedy: 'decrypt it first: openssl enc -d' },
  { at: 0, magic: hex('age-encryption.org/'), what: 'encrypted with age', remedy: 'decrypt it first: age -d' },
  { at: 0, magic: hex('-----BEGIN PGP MESSAGE'), what: 'encrypted with GnuPG', remedy: 'decrypt it first: gpg -d' },
  // A packet of GnuPG for a key (3 bytes of header: RSA keys), or for a passphrase.
  { at: 0, magic: '85020c03', what: 'encrypted with GnuPG', remedy: 'decrypt it first: gpg -d' },
  { at: 0, magic: '85010c03', what: 'encrypted with GnuPG', remedy: 'decrypt it first: gpg -d' },
  { at: 0, magic: '8c0d04', what: 'encrypted with GnuPG', remedy: 'decrypt it first: gpg -d' },
  { at: 0, magic: '1f8b', ...unpack('gzip', 'gunzip FILE') },
  { at: 0, magic: 'fd377a585a00', ...unpack('xz', 'unxz FILE') },
  { at: 0, magic: '28b52ffd', ...unpack('zstd', 'unzstd FILE') },
  { at: 0, magic: hex('BZh'), ...unpack('bzip2', 'bunzip2 FILE') },
  { at: 0, magic: '04224d18', ...unpack('lz4', 'unlz4 FILE') },
  { at: 0, magic: '89' + hex('LZO\0\r\n\u001a\n'), ...unpack('lzop', 'lzop -d FILE') },
  { at: 0, magic: hex('PK\u0003\u0004'), ...unpack('zip', 'unzip FILE') },
  { at: 0, magic: '377abcaf271c', ...unpack('7z', '7z x FILE') },
];

/** First bytes that tell all of them. */
export const FOREIGN_HEAD_BYTES = 65_536;

/** What a file is that is no dump which can be read; undefined where it is not known. */
export function foreignDump(head: Uint8Array): ForeignDump | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  return SIGNS.find(({ at, magic }) => bytes.toString('hex', at, at + magic.length / 2) === magic);
}
