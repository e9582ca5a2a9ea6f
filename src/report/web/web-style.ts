import { STYLE } from '../html-style.ts';

/** The style of the server's pages: the report's, and what only these have. Served as a file of its own. */
export const WEB_STYLE: string = `${STYLE}
nav{background:var(--card);border-bottom:1px solid var(--line)}
nav .wrap{display:flex;flex-wrap:wrap;gap:4px 18px;padding-top:10px;padding-bottom:10px;align-items:baseline}
nav b{margin-right:8px}
nav a{text-decoration:none;padding:2px 0}
nav a[aria-current]{color:var(--fg);font-weight:650;border-bottom:2px solid var(--link)}
main.wrap{padding-top:24px;padding-bottom:40px}
.tools{display:flex;flex-wrap:wrap;gap:10px;margin:14px 0}
input,textarea,select,button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:6px 10px;max-width:100%}
button{cursor:pointer;background:var(--code)}
textarea{width:100%;min-height:11em;font-family:ui-monospace,monospace;font-size:.85rem}
label{display:block;margin:12px 0 4px;font-weight:600}
.rows{overflow-x:auto}
.rows table{min-width:34rem}
.rows th,.rows td{padding:7px 14px 7px 0}
th button{background:none;border:0;padding:0;font-size:.82rem;color:var(--soft)}
th[aria-sort=ascending] button::after{content:" ▲"}
th[aria-sort=descending] button::after{content:" ▼"}
.tag{display:inline-block;padding:1px 9px;border-radius:6px;background:var(--t,var(--code));color:var(--v,var(--fg));font-weight:650;font-size:.8rem;white-space:nowrap}
progress{width:100%;height:10px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:6px 10px;z-index:2}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.event{stroke:var(--soft);stroke-dasharray:3 3}
pre.hex{overflow-x:auto;background:var(--code);padding:12px;border-radius:8px}
@media (max-width:640px){.rows .opt{display:none}.rows table{min-width:0}}
`;
