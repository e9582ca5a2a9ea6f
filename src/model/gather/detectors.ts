import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';
import { addPages, type HandlePages, type PageOwnerStacks } from '../../formats/detectors/page-owner-stacks.ts';
import { StackFold } from '../../formats/detectors/stack-fold.ts';
import type { AllocationReport, SnapshotPart } from '../snapshot.ts';

/** What the kernel's detectors contribute: their reports, each as it was read. */
export function gatherDetectors(sightings: readonly Sighting[]): SnapshotPart {
  const stacks = ofKind(sightings, 'page_owner_stacks').map(({ value }) => value);
  const reports: readonly AllocationReport[] = [
    ...ofKind(sightings, 'kmemleak').map(({ value }) => value),
    ...ofKind(sightings, 'kedr').map(({ value }) => value),
    ...ofKind(sightings, 'memleak').map(({ value }) => value),
    ...ofKind(sightings, 'page_owner').map(({ value }) => value),
    ...stacks.filter(({ groups }) => groups.length > 0),
    ...joinHandles(stacks),
    ...ofKind(sightings, 'allocinfo').map(({ value }) => value),
    ...ofKind(sightings, 'slab-traces').map(({ value }) => value),
  ];
  return reports.length > 0 ? { reports } : {};
}

/** `show_handles` has numbers by handle, `show_stacks_handles` stacks by handle: one report in two files. */
function joinHandles(parts: readonly PageOwnerStacks[]): readonly AllocationReport[] {
  const pages = new Map<string, HandlePages>(parts.flatMap((part) => [...part.pages]));
  const stacks = new Map<string, readonly string[]>(parts.flatMap((part) => [...part.stacks]));
  const fold = new StackFold();
  for (const [handle, number] of pages) addPages(fold, stacks.get(handle) ?? [], number.pages, number.at, handle);
  const groups = fold.groups();
  return groups.length > 0 ? [{ detector: 'page_owner', groups, entries: fold.entries, cut: false }] : [];
}
