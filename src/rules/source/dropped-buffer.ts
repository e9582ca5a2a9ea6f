import type { SourceRule } from '../source-rule.ts';

export const droppedBuffer: SourceRule = {
  id: 'dropped-buffer',
  title: 'network buffers that a transmit function forgets',
  page: 'docs/leaks/network-buffers.md',
  examine(defect) {
    if (defect.kind !== 'dropped-buffer') return undefined;
    const { buffer } = defect;
    return {
      title: `${buffer}: returned as sent, and neither sent nor freed`,
      summary: `${defect.function}() returns NETDEV_TX_OK on a path that neither sends nor frees ${buffer}: the buffer is lost.`,
      layer: 'slab-unreclaimable',
      confidence: 0.8,
      subject: { type: 'struct sk_buff', cache: 'skbuff_head_cache', function: defect.function },
      fix: `dev_kfree_skb_any(${buffer}) before that return.`,
    };
  },
};
