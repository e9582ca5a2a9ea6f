/** What only the pages of a dump have. */
export const DUMP_STYLE = `
.map svg.wide{aspect-ratio:1040/520}.map svg.narrow{aspect-ratio:332/420}
.map a:hover .cell,.map a:hover .part,.map a:hover .kind{stroke:var(--fg);stroke-opacity:1;stroke-width:1.5}
.map a:focus-visible{outline:none}.map a:focus-visible .cell,.map a:focus-visible .part,.graph a:focus-visible .node{stroke:var(--fg);stroke-opacity:1;stroke-width:3}
.map .part{fill:#fff;fill-opacity:.2;stroke:#000;stroke-opacity:.45}.map .kind{fill:#fff;fill-opacity:.36;stroke:#000;stroke-opacity:.22}
.lost-count{color:var(--leak)}
.graph{margin:16px 0 4px;overflow-x:auto}.graph svg{display:block}.graph svg.wide{max-width:none}.graph svg.narrow{display:none;width:100%;height:auto}
.node{fill:var(--card);stroke:var(--line);stroke-width:1.5}.node.root{fill:var(--code)}.node.target{fill:var(--tint-unsure);stroke:var(--fg)}.node.more{fill:none;stroke-dasharray:4 3}
.graph a:hover .node{stroke:var(--link)}
.graph text.name{font-size:13px;font-weight:600;fill:var(--fg)}.graph a text.name{fill:var(--link)}.graph text.detail{font-size:11.5px}.graph text.times{font-size:12px;text-anchor:end;fill:var(--fg)}
.arrow{fill:none;stroke:var(--soft);stroke-opacity:.55;stroke-width:1.5}.arrow.on-way{stroke:var(--fg);stroke-opacity:.85;stroke-width:2.5}.head{fill:var(--soft)}
.hex{width:auto;max-width:100%}.hex th,.hex td{padding:1px 16px 1px 0;border:0;vertical-align:baseline}.hex thead th{padding-bottom:5px}
.hex tbody tr:nth-child(odd){background:var(--card)}.hex tbody tr:hover{background:var(--code)}
.hex code{font-size:.84rem;white-space:nowrap}.hex tbody th{color:var(--soft)}.zero{color:var(--soft);opacity:.88}.chars{white-space:pre;color:var(--soft)}.aside{font-size:.78rem;margin-left:6px}
.struct caption{text-align:left;margin-bottom:6px}.struct td,.struct th{padding:2px 10px 2px 0;border:0;font-size:.88rem}.struct td.n{padding-left:0;text-align:left;color:var(--soft)}
.d1{padding-left:14px!important}.d2{padding-left:28px!important}.d3{padding-left:42px!important}.d4{padding-left:56px!important}.d5{padding-left:70px!important}.d6{padding-left:84px!important}
.memory{margin-top:6px}.two.memory{grid-template-columns:minmax(0,7fr) minmax(0,6fr)}.sample{display:inline-flex;gap:8px;margin-right:18px;align-items:baseline}.sample a+a{font-size:.82rem}
@media (max-width:860px){.two.memory{grid-template-columns:minmax(0,1fr)}.graph svg.wide{display:none}.graph svg.narrow{display:block}}
@media (max-width:640px){.map svg.wide{display:none}.map svg.narrow{display:block}
.hex thead{display:none}.hex tr{display:grid;grid-template-columns:3.2rem auto 1fr;padding:3px 0}.hex td:last-child{grid-column:2/-1}.hex td:last-child:empty{display:none}.hex td[colspan]{grid-column:2/-1}
.struct td,.struct th{display:block;padding:0}.struct tr{display:block;border-bottom:1px solid var(--line);padding:4px 0}.struct td.n{float:right}}
`;
