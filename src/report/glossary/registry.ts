import type { GlossaryTerm } from './term.ts';
import { answersTerms } from './terms/answers.ts';
import { detectorsTerms } from './terms/detectors.ts';
import { filesTerms } from './terms/files.ts';
import { kernelTerms } from './terms/kernel.ts';
import { machinesTerms } from './terms/machines.ts';
import { pagesTerms } from './terms/pages.ts';
import { programsTerms } from './terms/programs.ts';
import { slabTerms } from './terms/slab.ts';

/** Every term of the glossary, by family. */
export const glossary: readonly GlossaryTerm[] = [
  ...pagesTerms,
  ...slabTerms,
  ...filesTerms,
  ...programsTerms,
  ...kernelTerms,
  ...machinesTerms,
  ...detectorsTerms,
  ...answersTerms,
];
