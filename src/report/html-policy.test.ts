import { expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY, SCRIPT_HASH, STYLE_HASH } from './html-policy.ts';
import { SCRIPT } from './html-script.ts';
import { STYLE } from './html-style.ts';

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return `sha256-${Buffer.from(digest).toString('base64')}`;
}

it('allows exactly the style and the script that the page has', async () => {
  expect(STYLE_HASH).toBe(await hashOf(STYLE));
  expect(SCRIPT_HASH).toBe(await hashOf(SCRIPT));
});

it('allows nothing else', () => {
  expect(CONTENT_SECURITY_POLICY).toContain("default-src 'none'");
  expect(CONTENT_SECURITY_POLICY).not.toContain('unsafe');
});

it('has no character in style and script that would end their element', () => {
  expect(`${STYLE}${SCRIPT}`).not.toMatch(/<\/|<!--/);
});
