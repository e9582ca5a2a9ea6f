import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchKnownIssues, toReference, type Observed } from './match.ts';
import { knownIssues } from './registry.ts';

const nothing: Observed = { caches: [], functions: [], modules: [], programs: [], layers: [], logs: [] };
const ids = (seen: Partial<Observed>): readonly string[] =>
  matchKnownIssues({ ...nothing, ...seen }).map(({ issue, strength }) => `${issue.id} ${strength}`);

describe('matching known issues', () => {
  it('is sure of a function that only one issue has', () => {
    expect(ids({ functions: ['vc4_submit_cl_ioctl'], release: '4.14.0-v7+' })).toEqual(['K-0001 identified']);
    expect(ids({ functions: ['single_open'] })).toEqual(['K-0009 identified']);
  });

  it('takes functions with offsets and compiler suffixes', () => {
    expect(ids({ functions: ['ocf_core_seq_cutoff_init+0x79/0xb0'] })).toEqual(['K-0040 identified']);
    expect(ids({ functions: ['selinux_sb_eat_lsm_opts.cold'], release: '5.18.3' })).toEqual(['K-0041 identified']);
  });

  it('is ruled out by a version that no longer has the issue', () => {
    expect(ids({ functions: ['selinux_sb_eat_lsm_opts'], release: '6.8.0' })).toEqual([]);
    expect(ids({ layers: ['page-allocator'], programs: [{ name: 'i40e', version: '2.2.4' }] })).toEqual([]);
  });

  it('believes its own mark more than the version of one program', () => {
    const programs = [{ name: 'curl', version: '8.5.0' }];
    const caches = ['dentry'];
    expect(ids({ caches, programs, layers: ['slab-reclaimable'] })).toEqual(['K-0030 consistent']);
    expect(ids({ caches, programs, logs: ['/etc/pki/nssdb'] })).toEqual(['K-0011 identified']);
    expect(ids({ caches, programs, names: ['/etc/pki/nssdb', '.7_dOeSnOtExIsT_.db'] })).toEqual(['K-0011 identified']);
    const drivers = [{ name: 'i40e', version: '2.28.7' }];
    expect(ids({ modules: ['i40e'], layers: ['page-allocator'], release: '4.13.16', programs: drivers })).toEqual([]);
  });

  it('does not judge by a number that hides back-ports', () => {
    expect(ids({ functions: ['selinux_sb_eat_lsm_opts'], release: '5.14.0-570.el9.x86_64' })).toEqual([
      'K-0041 consistent',
    ]);
  });

  it('knows a driver by its version where pages are lost', () => {
    const programs = [{ name: 'i40e', version: '2.3.6' }];
    expect(ids({ programs })).toEqual([]);
    expect(ids({ programs, layers: ['page-allocator'], release: '3.10.0-693.el7.x86_64' })).toEqual([
      'K-0007 identified',
    ]);
    expect(ids({ modules: ['i40e'], layers: ['page-allocator'], release: '4.13.16' })).toEqual(['K-0008 consistent']);
  });

  it('says what agreed', () => {
    const [match] = matchKnownIssues({
      ...nothing,
      caches: ['dentry', 'kmalloc-64'],
      layers: ['slab-reclaimable'],
      programs: [{ name: 'curl', version: '7.19.7-37.el6' }],
    });
    expect(match?.issue.id).toBe('K-0011');
    expect(match?.matched).toEqual(['cache dentry', 'curl 7.19.7-37.el6', 'layer slab-reclaimable']);
  });

  it('puts identified issues before those that only fit', () => {
    const seen = ids({ caches: ['dentry'], layers: ['slab-reclaimable'], logs: ['/etc/pki/nssdb'] });
    expect(seen).toEqual(['K-0011 identified', 'K-0030 consistent']);
  });

  it('wants all caches that belong together', () => {
    expect(ids({ caches: ['sock_inode_cache'], layers: ['slab-reclaimable'] })).toEqual([]);
    expect(ids({ caches: ['sock_inode_cache', 'dentry'], layers: ['slab-reclaimable'] })).toContain(
      'K-0014 consistent',
    );
  });

  it('reads hostile lines in no time and never throws', () => {
    const long = ' '.repeat(1_000_000);
    const started = performance.now();
    expect(ids({ logs: [long, `mkdir /sys/fs/cgroup/memory/${'a'.repeat(1_000_000)}`], release: long })).toEqual([]);
    expect(performance.now() - started).toBeLessThan(1000);
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (names, release) => {
        const programs = names.map((name) => ({ name, version: release }));
        matchKnownIssues({
          ...nothing,
          caches: names,
          functions: names,
          modules: names,
          logs: names,
          programs,
          release,
        });
      }),
    );
  });
});

describe('a reference to a known issue', () => {
  it('carries what a finding shows', () => {
    for (const issue of knownIssues) {
      const reference = toReference(issue);
      expect(reference).toMatchObject({ id: issue.id, title: issue.title, cause: issue.cause, fix: issue.fix });
      expect('fixedIn' in reference).toBe(issue.fixedIn !== undefined);
    }
  });
});
