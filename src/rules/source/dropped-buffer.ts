import type { SourceRule } from '../source-rule.ts';

export const droppedBuffer: SourceRule = {
  id: 'dropped-buffer',
  title: 'network buffers that a transmit function forgets',
  page: 'docs/leaks/network-buffers.md',
  examine(defect) {
    if (defect.kind !== 'dropped-buffer') return undefined;
    const { buffer, role } = defect;
    return {
      title:
        role === 'transmit'
          ? `${buffer}: returned as sent, and neither sent nor freed`
          : `${buffer}: received, and neither passed on nor freed`,
      summary: `${defect.function}() owns ${buffer} and ends on a path that neither ${role === 'transmit' ? 'sends' : 'passes on'} nor frees it: the buffer is lost.`,
      layer: 'slab-unreclaimable',
      confidence: role === 'transmit' ? 0.87 : defect.inferred === true ? 0.62 : 0.75,
      subject: { type: 'struct sk_buff', cache: 'skbuff_head_cache', function: defect.function },
      fix: `${role === 'transmit' ? 'dev_kfree_skb_any' : 'kfree_skb'}(${buffer}) before that return.`,
    };
  },
};
