import type { KnownIssue } from '../issue.ts';

export const k0043: KnownIssue = {
  id: 'K-0043',
  title: 'IPv6: each received packet leaves a route entry (ip6_dst_cache)',
  cause:
    'Where an IPv6 rule with suppress_prefixlength (wg-quick sets one) meets an nftables fib expression, fib6_rule_suppress() drops the route it looked up without putting its reference. Each incoming packet leaves an object in ip6_dst_cache.',
  fix: 'Linux 5.4.164, 5.10.84, 5.15.7 or 5.16. Until then take the suppress rule or the fib expression out of the rule set.',
  fixedIn: 'Linux 5.4.164, 5.10.84, 5.15.7, 5.16 (commit cdef485217d3)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['cdef485217d3', 'ca7a03c41753', 'https://www.cve.org/CVERecord?id=CVE-2021-47546'],
  signature: {
    caches: ['ip6_dst_cache'],
    functions: ['fib6_rule_suppress', 'ip6_pol_route'],
    kernel: [
      { from: '5.4', before: '5.4.164' },
      { from: '5.5', before: '5.10.84' },
      { from: '5.11', before: '5.15.7' },
    ],
    weight: { identifies: [['caches', 'kernel']], suggests: [['functions', 'kernel']] },
  },
  words: ['ip6_dst_cache', 'fib6_rule_suppress', 'wireguard', 'wg-quick', 'nftables', 'fib', 'ipv6', '5.10.20'],
};
