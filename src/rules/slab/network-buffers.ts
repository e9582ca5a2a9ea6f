import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import { sumBytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { CacheUsage } from '../../model/facts.ts';
import { kmallocSize } from '../../model/slab-names.ts';
import { listSockets, readKmemleak, secondSnapshot, slabUsers } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';

const MIB = 1024 * 1024;
/** Packets that wait on a busy host are fewer. */
const MANY = 100_000;

/**
 * Packets pile up: heads (struct sk_buff) in a cache of their own, and the data they point to in kmalloc caches. Each
 * cache by itself may pass for load; together, nearly every slot in use and a good part of memory, they are packets
 * that somebody took off the wire, or made, and did not free.
 */
export const networkBuffers: Rule<'caches' | 'snapshot', 'accounting' | 'growth'> = defineRule({
  id: 'network-buffers',
  title: 'network packets pile up',
  needs: ['caches', 'snapshot'],
  mayUse: ['accounting', 'growth'],
  examine({ caches, snapshot, accounting, growth }): readonly Finding[] {
    // Over a series the caches' own growth says it.
    if (caches.difference || (growth && growth.caches.length > 0)) return [];
    const head = caches.ranking.find((c) => /^(?:skbuff_head_cache|skb_head_cache)$/.test(c.name));
    if (!head || (head.objects ?? 0) < MANY || !isFull(head)) return [];
    const data = dataOf(head, caches.ranking);
    const held = sumBytes([head, ...data].map((c) => c.bytes));
    const ram = accounting?.total.bytes;
    const large =
      ram === undefined
        ? held >= Math.max(256 * MIB, caches.slab.bytes * 0.25)
        : held >= ram * 0.06 && head.bytes >= ram * 0.01;
    const queued = snapshot.counters.get('TcpMem')?.bytes ?? 0;
    if (!large || queued >= held * 0.5) return [];
    const count = spellCount(head.objects ?? 0);
    const share = ram === undefined ? '' : ` (${spellShare(held / ram)} of RAM)`;
    const names = data.map((c) => c.name);
    const beside = names.length === 0 ? '' : ` with their data in ${names.join(', ')}`;
    return [
      {
        id: 'network-buffers',
        title: `${count} network packets (${head.name})${beside}: ${spellBytes(held)}${share}`,
        summary: `${count} network packets are held, ${spellBytes(held)}${share}: ${head.name}${beside}, nearly every slot in use. Queues of sockets and devices are not that long: most likely a driver or a protocol does not free them.`,
        verdict: 'growth',
        layer: 'slab-unreclaimable',
        confidence: names.length > 0 ? 0.8 : 0.65,
        bytes: held,
        ...(head.objects === undefined ? {} : { objects: head.objects }),
        subject: { cache: head.name, type: 'struct sk_buff', ...(names.length > 0 ? { together: names } : {}) },
        evidence: [
          { text: `${head.name}: ${count} objects, ${spellBytes(head.bytes)}`, source: head.at },
          ...data.map((c) => ({
            text: `${c.name}: ${spellCount(c.objects ?? 0)} objects, ${spellBytes(c.bytes)}`,
            source: c.at,
          })),
        ],
        next: [listSockets, secondSnapshot, readKmemleak, slabUsers(head.name)],
        terms: ['slab cache', 'SUnreclaim', 'kmalloc'],
      },
    ];
  },
});

const isFull = ({ objects, slots }: CacheUsage): boolean => objects !== undefined && objects >= (slots ?? 0) * 0.85;

/** Caches that serve packet data, full, whose objects together are about as many as the heads, largest first. */
function dataOf(head: CacheUsage, ranking: readonly CacheUsage[]): readonly CacheUsage[] {
  const heads = head.objects ?? 0;
  const likely = ranking.filter((c) => {
    const size = kmallocSize(c.name) ?? (/^skb_data_cache|^skbuff_small_head$/.test(c.name) ? 704 : 0);
    return size >= 512 && size <= 8192 && isFull(c) && (c.objects ?? 0) >= heads * 0.1;
  });
  const count = likely.reduce((n, c) => n + (c.objects ?? 0), 0);
  return count >= heads * 0.5 && count <= heads * 1.5 ? likely : [];
}
