import type { HostEventKind } from '../../model/sample.ts';

/** Complete by its type: a kind that is missing here does not compile. */
const KINDS: Readonly<Record<HostEventKind, true>> = {
  boot: true,
  'module-loaded': true,
  'module-unloaded': true,
  'service-started': true,
  'service-stopped': true,
  'package-changed': true,
  'driver-changed': true,
  'kernel-changed': true,
  'clock-jumped': true,
  suspended: true,
  'recording-started': true,
  'recording-stopped': true,
  mark: true,
};

export const isHostEventKind = (kind: unknown): kind is HostEventKind => typeof kind === 'string' && kind in KINDS;
