/** The page's style. Set inline and allowed by its hash; `html-policy.test.ts` says the new hash after a change. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--fg:#15181e;--soft:#596070;--line:#dde1e7;--code:#eef0f4;--link:#005a8f;
--leak:#b3261e;--growth:#8f4a00;--fine:#00664a;--unsure:#3d4a63;--tint-leak:#fdeceb;--tint-growth:#fdf1e1;--tint-fine:#e4f5ef;--tint-unsure:#eaedf3;
--free:#ccd2da;--free-on:#15181e;--rest:#9aa3b0;--hatch:rgb(0 0 0/.13);--series:#0072b2}
@media (prefers-color-scheme:dark){:root{--page:#0f1216;--card:#181c22;--fg:#e9ecf1;--soft:#a3acba;--line:#2e343e;--code:#232932;--link:#7cc4f2;
--leak:#ff9d92;--growth:#ffbf69;--fine:#5fd6ae;--unsure:#b4c1d9;--tint-leak:#3a1b19;--tint-growth:#35260f;--tint-fine:#10312a;--tint-unsure:#232b38;
--free:#3b434f;--free-on:#e9ecf1;--rest:#626c7a;--series:#56b4e9}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--fg);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Ubuntu,sans-serif;overflow-wrap:anywhere}
.wrap{max-width:1080px;margin:0 auto;padding:0 20px}
h1,h2,h3,h4,p,ul,ol,dl,figure,pre{margin:0}
a{color:var(--link)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.9em}
small,.note{color:var(--soft);font-size:.84rem}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.v-leak{--v:var(--leak);--t:var(--tint-leak)}
.v-growth{--v:var(--growth);--t:var(--tint-growth)}
.v-not-a-leak{--v:var(--fine);--t:var(--tint-fine)}
.v-inconclusive{--v:var(--unsure);--t:var(--tint-unsure)}
.head{background:var(--card);border-bottom:1px solid var(--line);border-top:6px solid var(--v);padding:22px 0 26px}
.brand{display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 16px;color:var(--soft);font-size:.88rem}
.brand b{color:var(--fg);letter-spacing:.02em}
.badge{display:inline-block;margin:20px 0 10px;padding:3px 12px;border-radius:6px;background:var(--t);color:var(--v);font-weight:700;font-size:.95rem;letter-spacing:.05em}
h1{font-size:clamp(1.3rem,1rem + 1.6vw,1.9rem);line-height:1.28;font-weight:650;max-width:44em;text-wrap:pretty}
h1.long{font-size:clamp(1.15rem,1rem + .9vw,1.45rem);line-height:1.36}
.stats{display:flex;flex-wrap:wrap;gap:12px 36px;margin:18px 0 0}
.stats dt{color:var(--soft);font-size:.82rem}
.stats dd{margin:0;font-weight:650;font-size:1.12rem;font-variant-numeric:tabular-nums}
.stats dd small{font-weight:400;display:block}
.membar{margin-top:22px}
.membar svg{display:block;border-radius:8px}
section{margin:38px 0}
h2{font-size:1.22rem;margin-bottom:14px}
h3{font-size:1.06rem;line-height:1.38}
h4{font-size:.92rem;margin:18px 0 6px}
.two{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,6fr);gap:28px;align-items:start}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:6px 0;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400}
thead th{color:var(--soft);font-size:.82rem}
tfoot th,tfoot td{border-bottom:0;font-weight:600}
.n{text-align:right;white-space:nowrap;padding-left:14px}
.key{vertical-align:-1px;margin-right:6px}
.shares th small{display:block;padding-left:24px}
.marked th,.marked .n{font-weight:650}
.marked small{font-weight:400}
.here{margin-left:4px;padding:0 7px;border-radius:9px;background:var(--fg);color:var(--card);font-size:.74rem;font-weight:600;white-space:nowrap}
.treemap svg{display:block;width:100%;height:auto}
.treemap .wide{aspect-ratio:640/540}.treemap .narrow{display:none;aspect-ratio:1}
.treemap figcaption{margin-top:6px}
.zooms .area{cursor:zoom-in}
.zooms.zoomed .area{cursor:zoom-out}
.area:focus{outline:none}
.area:focus-visible .cell{stroke:var(--fg);stroke-width:2}
.cell{stroke:none}
.gone{fill:url(#hatch);stroke:var(--fg);stroke-opacity:.6}
.part{fill-opacity:.12;stroke:currentColor;stroke-opacity:.25}
.hatch{fill:var(--hatch)}
text{font-family:inherit;fill:var(--soft)}
text.on{font-weight:450}
.membar text{font-size:14px}
text.strong{font-weight:700}
.legend{list-style:none;padding:0;margin:8px 0 0;display:flex;flex-wrap:wrap;gap:2px 16px;font-size:.84rem}.legend small{white-space:nowrap}h2 small{font-weight:400}
.c-vermilion{fill:#d55e00}.c-orange{fill:#e69f00}.c-yellow{fill:#f0e442}.c-blue{fill:#0072b2}.c-sky{fill:#56b4e9}.c-green{fill:#009e73}.c-purple{fill:#cc79a7}
.c-purple-2{fill:#e6bcd3}.c-green-2{fill:#8fd3bf}.c-blue-2{fill:#8dbcdb}.c-sky-2{fill:#b5dff6}.c-orange-2{fill:#f5d189}.c-free{fill:var(--free)}.c-rest{fill:var(--rest)}
.c-blue-on{fill:#fff}
.c-vermilion-on,.c-green-on,.c-orange-on,.c-yellow-on,.c-sky-on,.c-purple-on,.c-purple-2-on,.c-green-2-on,.c-blue-2-on,.c-sky-2-on,.c-orange-2-on,.c-rest-on{fill:#111}
.c-free-on{fill:var(--free-on)}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,320px),1fr));gap:16px}
.chart{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
.chart svg{display:block;width:100%;height:auto;margin-top:6px}
.grid{stroke:var(--line)}
.tick{font-size:11px}.end{text-anchor:end}.mid{text-anchor:middle}
.mark line{stroke:var(--soft);stroke-dasharray:3 3;stroke-opacity:.8}.mark text{font-size:10.5px;font-weight:650;fill:var(--fg);text-anchor:middle}
.many line{stroke-opacity:.35}
.line{fill:none;stroke:var(--series);stroke-width:2;stroke-linejoin:round}
.dot{fill:var(--series)}
.band{fill:#e69f00;fill-opacity:.3}
.lost,.lost+.chart,.chart+.lost{margin-top:14px}
.boxes{list-style:none;padding:0;margin-top:8px;display:flex;flex-wrap:wrap;gap:8px}
.boxes li{border:1px solid var(--line);border-radius:8px;padding:5px 10px;background:var(--code)}.boxes small{display:block}
.words{margin-top:10px;width:auto}.words caption{text-align:left;font-size:.84rem;color:var(--soft)}.words td{padding:2px 14px 2px 0;border:0}
.way{list-style:none;padding:0;margin-top:8px}
.way li{position:relative;border:1px solid var(--line);border-radius:8px;padding:5px 10px;background:var(--code);max-width:34em}
.way li+li{margin-top:22px}.way li+li::before{content:"↓";position:absolute;top:-23px;left:18px;color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-left:5px solid var(--v);border-radius:10px;padding:18px 20px 16px;margin-bottom:18px}
.number{display:inline-block;min-width:1.5em;margin-right:4px;text-align:center;border-radius:6px;background:var(--t);color:var(--v)}
.tags{display:flex;flex-wrap:wrap;gap:6px;margin-top:8px}
.tag{padding:1px 9px;border-radius:10px;background:var(--code);font-size:.8rem}
.tag.verdict{background:var(--t);color:var(--v);font-weight:700;letter-spacing:.03em}
.facts{margin-top:14px}
.facts div{display:grid;grid-template-columns:72px minmax(0,1fr);gap:10px;padding:3px 0}
.facts dt{color:var(--soft)}
.facts dd{margin:0}
details{margin-top:14px}
summary{cursor:pointer;font-weight:600;font-size:.92rem}
.evidence{padding:8px 0 0 22px}
.evidence li{margin-bottom:6px}
.source{color:var(--soft);font-size:.8em;background:var(--code);border-radius:4px;padding:1px 5px}
.known{margin-top:16px;padding:10px 14px 12px;border-radius:8px;background:var(--code)}
.known h4{margin-top:0}
.references{padding-left:20px;font-size:.88rem}
.next{padding-left:22px}
.next li{margin-bottom:12px}
.next li::marker{color:var(--soft)}
.command{display:flex;gap:8px;align-items:flex-start}
.command pre{flex:1;min-width:0;padding:7px 11px;border-radius:6px;background:var(--code);white-space:pre-wrap}
.copy{font:inherit;font-size:.82rem;padding:6px 12px;border:1px solid var(--line);border-radius:6px;background:var(--card);color:var(--fg);cursor:pointer;min-width:5.2em}
.copy:hover{border-color:var(--soft)}
.copy:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.risk{margin-left:4px;padding:0 8px;border-radius:9px;font-size:.8rem;white-space:nowrap;background:var(--code);color:var(--soft)}
.r-low{background:var(--tint-growth);color:var(--growth)}
.r-high{background:var(--tint-leak);color:var(--leak);font-weight:600}
.plain{padding-left:20px}
.inputs{columns:3 14em;padding-left:20px}
.glossary h3{margin:18px 0 4px}
.glossary svg{max-width:100%;height:auto}
footer{color:var(--soft);font-size:.84rem;border-top:1px solid var(--line);padding:16px 0 40px}
[hidden]{display:none!important}
@media (max-width:760px){.two{grid-template-columns:minmax(0,1fr)}}
@media (max-width:560px){.wrap{padding:0 14px}.card{padding:14px 14px 12px}.treemap .wide{display:none}.treemap .narrow{display:block}
.command{flex-direction:column;gap:5px;margin-bottom:4px}.command pre{width:100%}.facts div{grid-template-columns:minmax(0,1fr);gap:0}.stats{gap:10px 24px}.membar text{font-size:12px}}
@media print{:root{--page:#fff;--card:#fff;--fg:#000;--soft:#444;--line:#bbb;--code:#f2f2f2;--link:#000;--leak:#8c1d18;--growth:#7a3f00;--fine:#004d38;--unsure:#333;
--tint-leak:#fff;--tint-growth:#fff;--tint-fine:#fff;--tint-unsure:#fff;--free:#ddd;--free-on:#000}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}body{font-size:10.5pt}.wrap{max-width:none;padding:0}.copy,.js{display:none}
.treemap svg.wide{max-width:440px}.card,.chart,table,.treemap,.membar,.next li{break-inside:avoid}h2,h3,h4,summary{break-after:avoid}section{margin:20px 0}.badge{border:1px solid}
details::details-content{content-visibility:visible;height:auto}a[href^=http]::after{content:" (" attr(href) ")";font-size:.8em}.references a::after{content:none!important}}
@media (prefers-reduced-motion:no-preference){.copy{transition:border-color .1s}}
`;
