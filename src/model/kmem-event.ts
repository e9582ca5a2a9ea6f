export type { AddressKey, KmemEvent } from '../formats/trace/kmem-event.ts';
