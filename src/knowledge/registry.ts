import type { KnownIssue } from './issue.ts';
import { k0001 } from './issues/k-0001-vc4-fence.ts';
import { k0002 } from './issues/k-0002-vc4-atomic-commit.ts';
import { k0003 } from './issues/k-0003-vc4-core-clock.ts';
import { k0004 } from './issues/k-0004-v3d-buffer-objects.ts';
import { k0005 } from './issues/k-0005-rocm-2-5.ts';
import { k0006 } from './issues/k-0006-amdgpu-display-audio.ts';
import { k0007 } from './issues/k-0007-i40e-2-3-6.ts';
import { k0008 } from './issues/k-0008-i40e-programming-status.ts';
import { k0009 } from './issues/k-0009-single-open-seq-release.ts';
import { k0010 } from './issues/k-0010-rtlwifi-debugfs.ts';
import { k0011 } from './issues/k-0011-curl-nss-dentries.ts';
import { k0012 } from './issues/k-0012-tty-reference.ts';
import { k0013 } from './issues/k-0013-kmemleak-switched-off.ts';
import { k0014 } from './issues/k-0014-path-after-close.ts';
import { k0015 } from './issues/k-0015-el7-kmem-accounting.ts';
import { k0016 } from './issues/k-0016-cgroups-65535.ts';
import { k0017 } from './issues/k-0017-memcg-cache-copies.ts';
import { k0018 } from './issues/k-0018-restart-loop-cgroups.ts';
import { k0019 } from './issues/k-0019-dying-cgroups.ts';
import { k0020 } from './issues/k-0020-ext4-inodes-not-reclaimed.ts';
import { k0021 } from './issues/k-0021-ath11k-page-fragments.ts';
import { k0022 } from './issues/k-0022-ath11k-missing-barrier.ts';
import { k0023 } from './issues/k-0023-ice-multi-buffer.ts';
import { k0024 } from './issues/k-0024-wireless-extensions.ts';
import { k0025 } from './issues/k-0025-x86-emulator-cache.ts';
import { k0026 } from './issues/k-0026-smb2-open-file.ts';
import { k0027 } from './issues/k-0027-smb3-mount-source.ts';
import { k0028 } from './issues/k-0028-vmware-balloon.ts';
import { k0029 } from './issues/k-0029-huge-page-pool.ts';
import { k0030 } from './issues/k-0030-negative-dentries.ts';
import { k0031 } from './issues/k-0031-inactive-file-above-total.ts';
import { k0032 } from './issues/k-0032-vc4-drmm-mutex.ts';
import { k0033 } from './issues/k-0033-ebitmap-node.ts';
import { k0034 } from './issues/k-0034-zfs-arc.ts';
import { k0035 } from './issues/k-0035-page-pool-stalled.ts';
import { k0036 } from './issues/k-0036-rocm-7-1-dmabuf.ts';
import { k0037 } from './issues/k-0037-proc-net-wireless.ts';
import { k0038 } from './issues/k-0038-blk-map-user-iov.ts';
import { k0039 } from './issues/k-0039-mac80211-lost-skb.ts';
import { k0040 } from './issues/k-0040-open-cas-sequential-cutoff.ts';
import { k0041 } from './issues/k-0041-selinux-mount-options.ts';
import { k0042 } from './issues/k-0042-audit-module-name.ts';
import { k0043 } from './issues/k-0043-ipv6-fib-suppress.ts';
import { k0044 } from './issues/k-0044-nft-socket-reference.ts';
import { k0045 } from './issues/k-0045-numa-balancing-vma.ts';
import { k0046 } from './issues/k-0046-nfsd-open-owners.ts';
import { k0047 } from './issues/k-0047-acpica-parse-caches.ts';
import { k0048 } from './issues/k-0048-unix-oob-pids.ts';
import { k0049 } from './issues/k-0049-zerocopy-time-stamps.ts';
import { k0050 } from './issues/k-0050-sched-debugfs-dentries.ts';
import { k0051 } from './issues/k-0051-exfat-buffer-heads.ts';
import { k0052 } from './issues/k-0052-dm-cache-tracker.ts';
import { k0053 } from './issues/k-0053-ceph-path-check.ts';
import { k0054 } from './issues/k-0054-bpf-redirect-neigh.ts';
import { k0055 } from './issues/k-0055-mlx5-ptp-fifo.ts';
import { k0056 } from './issues/k-0056-virtio-net-big-mode.ts';
import { k0057 } from './issues/k-0057-phy-led-triggers.ts';

/** Every known issue, in the order of their numbers. Add new ones at the end; numbers are never reused. */
export const knownIssues: readonly KnownIssue[] = [
  k0001,
  k0002,
  k0003,
  k0004,
  k0005,
  k0006,
  k0007,
  k0008,
  k0009,
  k0010,
  k0011,
  k0012,
  k0013,
  k0014,
  k0015,
  k0016,
  k0017,
  k0018,
  k0019,
  k0020,
  k0021,
  k0022,
  k0023,
  k0024,
  k0025,
  k0026,
  k0027,
  k0028,
  k0029,
  k0030,
  k0031,
  k0032,
  k0033,
  k0034,
  k0035,
  k0036,
  k0037,
  k0038,
  k0039,
  k0040,
  k0041,
  k0042,
  k0043,
  k0044,
  k0045,
  k0046,
  k0047,
  k0048,
  k0049,
  k0050,
  k0051,
  k0052,
  k0053,
  k0054,
  k0055,
  k0056,
  k0057,
];
