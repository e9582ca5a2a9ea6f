/** SHA-256 of STYLE and SCRIPT in base64. The test beside this file computes them anew. */
export const STYLE_HASH = 'sha256-IhUZ47ziLgmXPwkIwtHdysab3vLALovQdle6rXLUrMQ=';
export const SCRIPT_HASH = 'sha256-3TeeI2jbl93fAJcAwWOK8XQL689yETpLmewF0/TDHpw=';

/** Nothing may be loaded and nothing run but the page's own style and script, whatever text the page holds. */
export const CONTENT_SECURITY_POLICY: string = [
  "default-src 'none'",
  `style-src '${STYLE_HASH}'`,
  `script-src '${SCRIPT_HASH}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
