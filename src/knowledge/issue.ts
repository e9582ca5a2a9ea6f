import type { Layer, Verdict } from '../findings/finding.ts';

/** What a signature can ask for. Each names a field of `Signature`. */
export type Condition =
  'caches' | 'together' | 'functions' | 'modules' | 'kernel' | 'programs' | 'pools' | 'layers' | 'logs' | 'names';

/** A range of kernel releases. Bounds as the kernel's own version says them, not a distribution's build number. */
export interface KernelRange {
  /** First release that has the issue. */
  readonly from?: string;
  /** First release that no longer has it. */
  readonly before?: string;
  /**
   * Regular expression for the whole release, such as `\.el7`. A range without one does not apply to kernels that
   * carry back-ports (el8, SUSE): their number says nothing about which fixes are in.
   */
  readonly flavour?: string;
}

/** A program, package or out-of-tree driver, by version. */
export interface ProgramRange {
  readonly name: string;
  readonly from?: string;
  readonly before?: string;
  /** Exact versions; a package's build number behind a dash is ignored. */
  readonly only?: readonly string[];
}

/**
 * What the issue looks like, as data. Regular expressions are strings, without flags; caches, modules and pools are
 * matched whole, functions whole up to a compiler's suffix (`foo.isra.0`), logs anywhere in a line.
 */
export interface Signature {
  /** Slab caches, any of them. */
  readonly caches?: readonly string[];
  /** Slab caches that must all be there. */
  readonly together?: readonly string[];
  /** Functions in stacks or at call sites, any of them. */
  readonly functions?: readonly string[];
  /** Modules or drivers, any of them. */
  readonly modules?: readonly string[];
  readonly kernel?: readonly KernelRange[];
  readonly programs?: readonly ProgramRange[];
  /** Pools outside of slab: ZFS, DRM buffer objects. */
  readonly pools?: readonly string[];
  readonly layers?: readonly Layer[];
  readonly logs?: readonly string[];
  /** Directories, and names of files in them, anywhere in the name. */
  readonly names?: readonly string[];
  /** The verdict that the issue speaks for, where it is not "leak". */
  readonly verdictHint?: Verdict;
  readonly weight: {
    /** Any one of these sets, complete, names the issue. */
    readonly identifies: readonly (readonly Condition[])[];
    /** Any one of these sets, complete, agrees with the issue and could have another cause. */
    readonly suggests?: readonly (readonly Condition[])[];
  };
}

/** One issue that somebody has met before: what it is, how to tell, what helps. */
export interface KnownIssue {
  /** `K-0001`. Never reused, never renumbered. */
  readonly id: string;
  readonly title: string;
  readonly cause: string;
  readonly fix: string;
  readonly fixedIn?: string;
  readonly status: 'fixed' | 'workaround' | 'open' | 'not-a-fault';
  /**
   * `confirmed`: a fix that was accepted, or the maintainers, say so. `reported`: one reporter's word, or a few.
   * `associated`: known by version or circumstance only; the cause is not established.
   */
  readonly certainty: 'confirmed' | 'reported' | 'associated';
  /** Addresses of threads and documents, or ids of kernel commits; what they say was checked. */
  readonly references: readonly string[];
  readonly signature: Signature;
  /** What people type when they look for it: names of caches, functions, modules, programs, words. */
  readonly words: readonly string[];
}
