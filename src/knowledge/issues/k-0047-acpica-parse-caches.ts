import type { KnownIssue } from '../issue.ts';

export const k0047: KnownIssue = {
  id: 'K-0047',
  title: 'ACPI: tables that end early leave objects in Acpi-Parse and Acpi-ParseExt',
  cause:
    "The interpreter's parser does not free the tree of a method that is aborted while it is parsed. Seen where ACPI is shut down again: the caches are destroyed with objects in them.",
  fix: 'Linux 5.4.295, 5.10.239, 5.15.186, 6.1.142, 6.6.95, 6.12.35, 6.15.4 or 6.16. Few objects: the message looks worse than the loss.',
  fixedIn: 'Linux 6.1.142, 6.6.95, 6.12.35, 6.16 and older stable series (commit bed18f0bdcd6)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['bed18f0bdcd6', 'https://www.cve.org/CVERecord?id=CVE-2025-38344'],
  signature: {
    logs: [
      'kmem_cache_destroy Acpi-(?:State|Parse|ParseExt): Slab cache still has objects',
      'Objects remaining in Acpi-(?:State|Parse|ParseExt)',
    ],
    caches: ['Acpi-Parse(?:Ext)?'],
    weight: { identifies: [['logs']], suggests: [['caches']] },
  },
  words: ['acpi', 'Acpi-Parse', 'Acpi-ParseExt', 'Objects remaining in Acpi-Parse', 'kmem_cache_destroy', 'AML'],
};
