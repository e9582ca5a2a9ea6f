import type { KnownIssue } from '../issue.ts';

export const k0057: KnownIssue = {
  id: 'K-0057',
  title: 'Network interfaces that go up and down: the triggers of PHY LEDs stay (devm memory, kmemleak sees nothing)',
  cause:
    'phy_led_triggers_register() runs at each attach of a PHY and allocated with devm_kcalloc(), which is freed only when the driver is unbound. The driver core keeps the pointers, so no detector calls it a leak. A router ran out of memory in a test that restarts the network.',
  fix: 'Linux 5.4.293, 5.10.237, 5.15.181, 6.1.136, 6.6.89, 6.12.26, 6.14.5 or 6.15.',
  fixedIn: 'Linux 6.1.136, 6.6.89, 6.12.26, 6.15 and older stable series (commit b7f0ee992adf)',
  status: 'fixed',
  certainty: 'confirmed',
  references: ['b7f0ee992adf', '2e0bc452f472', 'https://www.cve.org/CVERecord?id=CVE-2025-37989'],
  signature: {
    functions: ['phy_led_triggers_register'],
    modules: ['libphy'],
    kernel: [
      { from: '4.10', before: '5.4.293' },
      { from: '5.5', before: '5.10.237' },
      { from: '5.11', before: '5.15.181' },
      { from: '5.16', before: '6.1.136' },
      { from: '6.2', before: '6.6.89' },
      { from: '6.7', before: '6.12.26' },
      { from: '6.13', before: '6.14.5' },
    ],
    weight: { identifies: [['functions', 'kernel']], suggests: [['functions']] },
  },
  words: ['phy_led_triggers_register', 'libphy', 'devm_kcalloc', 'ifdown', 'led', '6.6.50'],
};
