import { STYLE } from '../html-style.ts';
import { DUMP_STYLE } from './dump/dump-style.ts';

/** The style of the server's pages: the report's, and what only these have. Served as a file of its own. */
export const WEB_STYLE: string = `${STYLE}
.wrap{max-width:1240px}
.bar{background:var(--card);border-bottom:1px solid var(--line);font-size:.94rem}
.bar .wrap{display:flex;flex-wrap:wrap;gap:2px 6px;align-items:center;min-height:46px;padding-top:4px;padding-bottom:4px}
.bar a{text-decoration:none;color:var(--soft);padding:7px 9px;border-radius:7px;line-height:1.2}
.bar a:hover{color:var(--fg);background:var(--code)}
.bar a[aria-current]{color:var(--fg);font-weight:650;background:var(--code)}
.bar .name{color:var(--fg);font-weight:750;letter-spacing:.01em;margin-right:8px;padding-left:0}.bar .name:hover{background:none}
.second{background:var(--page);font-size:.88rem}.second .wrap{min-height:42px}.what{font-weight:650;margin-right:8px;max-width:22em;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.go{display:flex;margin-left:auto}.go input{border-radius:8px 0 0 8px;border-right:0;width:13.5em;padding:4px 10px}.go button{border-radius:0 8px 8px 0;padding:4px 12px}.files{margin-left:auto}
main.wrap{padding-top:26px;padding-bottom:56px}
.crumb{color:var(--soft);font-size:.9rem}.crumb a{color:var(--soft)}
.tools{display:flex;flex-wrap:wrap;gap:8px 10px;margin:14px 0 8px;align-items:center}
.tools input[type=search]{flex:0 1 20em;min-width:0}
input,textarea,select,button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:6px 11px;max-width:100%}
input:hover,textarea:hover,select:hover,button:hover{border-color:var(--soft)}
input::placeholder{color:var(--soft);opacity:1}
input[type=number]{width:5.6em}
button{cursor:pointer;background:var(--code)}.primary{background:var(--link);color:var(--card);border-color:var(--link);font-weight:600}
textarea{width:100%;min-height:12em;font-family:ui-monospace,monospace;font-size:.85rem}
label{display:block;margin:14px 0 5px;font-weight:600}label.inline{display:inline-flex;gap:8px;align-items:center;margin:0;font-weight:400;color:var(--soft);font-size:.9rem}label.inline input{color:var(--fg)}
fieldset{border:1px solid var(--line);border-radius:10px;background:var(--card);margin:0;padding:12px 16px 14px;min-width:0}legend{font-weight:650;padding:0 6px}
.rows{overflow-x:auto;margin:0 -2px;padding:0 2px}
@media (min-width:641px){.rows{overflow-wrap:break-word}.rows tbody th{min-width:11em;overflow-wrap:anywhere}.any{overflow-wrap:anywhere}.when{white-space:nowrap}.rows td.n+td:not(.n),.rows th.n+th:not(.n){padding-left:14px}}
.rows th,.rows td{padding:8px 16px 8px 0}.rows th:last-child,.rows td:last-child{padding-right:0}
.rows .words td,.rows .words th{padding:2px 14px 2px 0}
.rows tbody tr:hover{background:var(--card)}
.rows tbody th a{font-weight:600;text-decoration:none}.rows tbody th a:hover{text-decoration:underline}
.rows th small,.rows td small{display:block;line-height:1.35}
thead th{white-space:nowrap;vertical-align:bottom}
.rows thead .wraps,.wraps button{white-space:normal;overflow-wrap:anywhere}.rows thead .wraps{min-width:8.5em}.n.wraps button{text-align:right}
th button{background:none;border:0;padding:2px 0;border-radius:4px;font-size:.82rem;color:var(--soft);white-space:nowrap}th button:hover{color:var(--fg)}
th button::after{content:" ↕";opacity:.35}th[aria-sort] button{color:var(--fg);font-weight:650}
th[aria-sort=ascending] button::after{content:" ↑";opacity:1}th[aria-sort=descending] button::after{content:" ↓";opacity:1}
tr.v-leak td:nth-child(2),tr.v-growth td:nth-child(2){font-weight:600}
.tag{display:inline-block;padding:1px 9px;border-radius:6px;background:var(--t,var(--code));color:var(--v,var(--fg));font-weight:650;font-size:.8rem;white-space:nowrap}
.card .tag:not(.verdict){background:var(--code);color:var(--fg);font-weight:400}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin:16px 0 10px}.chips a{border:1px solid var(--line);border-radius:16px;padding:3px 12px;font-size:.88rem;text-decoration:none;color:var(--fg);background:var(--card)}.chips a:hover{border-color:var(--soft)}.chips a[aria-current]{background:var(--fg);color:var(--page);border-color:var(--fg)}
.danger{background:#a4262c;border-color:#a4262c;color:#fff;font-weight:600}.pairing{margin-top:16px;display:flex;gap:16px;align-items:baseline}.long{overflow-wrap:anywhere}
.empty{color:var(--soft);padding:26px 0}
h2.plainly{font-size:1.06rem;margin:0}
.stats{margin-bottom:6px}
progress{width:100%;height:8px;accent-color:var(--link);border:0;border-radius:4px;background:var(--code);overflow:hidden}progress[value]::-webkit-progress-bar{background:var(--code)}progress[value]::-webkit-progress-value{background:var(--link)}progress[value]::-moz-progress-bar{background:var(--link)}
.work{max-width:46rem;margin-top:16px}.work .badge{text-transform:uppercase;margin-top:6px}.work .doing{font-size:1.12rem;font-weight:600;margin:6px 0 12px}.work form{margin:14px 0}.spread{display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 16px;min-height:1.5em;color:var(--soft);font-size:.88rem;margin-top:6px}.took{font-variant-numeric:tabular-nums}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:6px 10px;z-index:2}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.hero{background:var(--card);border:1px solid var(--line);border-top:5px solid var(--v);border-radius:10px;padding:16px 22px 20px}
.hero .badge{margin:12px 0 8px}.hero .membar{margin-top:18px}
.pair{display:grid;grid-template-columns:1fr 1fr auto;gap:12px;align-items:end}.pair input{width:100%;margin-bottom:6px}.pair .primary{align-self:center}
.pair{margin-top:16px}.answer{font-size:1.3rem;line-height:1.35;margin:22px 0 4px;font-weight:650}
.bars .membar{margin-top:4px}.bars .note{margin-top:14px}
.diff{width:140px}.diff svg{display:block;margin-top:5px}.more{fill:#d55e00}.less{fill:#009e73}
.rows td.n small{display:inline;margin-left:4px}
.twins{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,25rem),1fr));gap:16px}.twins .card{margin:0}.twins .plain{margin-top:8px}.field{display:flex;gap:8px;margin:0 0 10px}.field input{flex:0 1 24rem;min-width:0}.field button{white-space:nowrap}.work label{margin-top:8px}.words th,.words td:not(:last-child){overflow-wrap:normal}
.events{list-style:none;padding:0;margin:0}.events li{display:grid;grid-template-columns:auto 10.5em minmax(0,1fr);gap:4px 12px;padding:5px 0;border-bottom:1px solid var(--line)}ul.events li{grid-template-columns:12.5em minmax(0,1fr)}
.events time{color:var(--soft);font-variant-numeric:tabular-nums}.events .no{min-width:1.7em;text-align:center;border-radius:5px;background:var(--code);font-size:.82rem;font-weight:650;align-self:start;line-height:1.6}
.facts.wide div{grid-template-columns:minmax(7em,12em) minmax(0,1fr)}
.only-narrow{display:none!important}
#upload{border:1.5px dashed var(--line);border-radius:12px;background:var(--card);padding:8px 20px 18px;margin:16px 0 24px}
#upload label,form.paste label{margin-top:8px}body.over #upload{border-color:var(--link);background:var(--code)}
.tick{font-size:.94rem;display:flex;gap:10px;align-items:baseline;margin:0;font-weight:400;cursor:pointer;overflow-wrap:anywhere}.tick input{flex:none}
.offered .rows{max-height:26rem;overflow-y:auto}.offered thead th{position:sticky;top:0;background:var(--page);z-index:1}.rows label.tick{margin:0}#upload .note{margin:8px 0 0}#upload input{margin:0 4px 6px 0}.offered .choose{margin-top:14px;display:flex;flex-wrap:wrap;gap:6px 14px;align-items:baseline}
${DUMP_STYLE}
@media (max-width:1180px){.rows .far{display:none}}
@media (max-width:900px){.rows .mid{display:none}.rows thead .wraps{min-width:5.5em}.rows tbody th{min-width:9em}.rows th,.rows td{padding-right:10px}.rows td.n+td:not(.n),.rows th.n+th:not(.n){padding-left:8px}}
@media (max-width:640px){.rows .opt{display:none}.rows [data-sortable] .n{white-space:normal}.rows .only-narrow{display:block!important}.pair{grid-template-columns:1fr}.hero{padding:12px 14px 16px}.events li,ul.events li{grid-template-columns:auto minmax(0,1fr)}ul.events li{grid-template-columns:1fr}.events li span:last-child{grid-column:2/-1}ul.events li span:last-child{grid-column:auto}.go{margin:4px 0 4px;width:100%}.go input{flex:1;width:auto}.bar .wrap{gap:0 2px}.bar a{padding:6px 7px}.second .what{width:100%;margin-top:4px}.facts.wide div{grid-template-columns:minmax(0,1fr)}
.rows table[data-sortable],.rows [data-sortable] tbody,.rows [data-sortable] thead{display:block}
.rows [data-sortable] thead tr{display:flex;flex-wrap:wrap;gap:2px 14px;padding-bottom:6px;border-bottom:1px solid var(--line)}.rows [data-sortable] thead th{border:0;padding:0}.rows [data-sortable] thead th.n{text-align:left}
.rows [data-sortable] tbody tr:not([hidden]){display:flex;flex-wrap:wrap;gap:2px 16px;align-items:baseline;padding:9px 0;border-bottom:1px solid var(--line)}
.rows [data-sortable] tbody th{flex:1 1 100%}.rows [data-sortable] tbody th,.rows [data-sortable] tbody td{border:0;padding:0;text-align:left}.rows [data-sortable] tbody td:empty,.rows [data-sortable] .opt{display:none}
.rows .calm .course{display:none!important}.rows table:not([data-sortable]) tbody th{min-width:8.5em}
.rows td[data-label]::before{content:attr(data-label) " ";color:var(--soft);font-size:.82rem}}
`;
