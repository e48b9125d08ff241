/** The look of a report: light and dark by the reader's setting, light on paper, no script, nothing fetched. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --ground: #fff; --ink: #1f2328; --quiet: #57606a; --line: #d8dee4; --well: #f6f8f8; --warn: #8a4300; --warn-ground: #fff8ef; --warn-line: #f0c9a0; }
@media (prefers-color-scheme: dark) { :root { --ground: #242424; --ink: #e6e8eb; --quiet: #a6adb4; --line: #454a50; --well: #2e2e2e; --warn: #ffc078; --warn-ground: #2a2118; --warn-line: #6b4a26; } }
body { margin: 0 auto; max-width: 1180px; padding: 24px 20px 80px; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 40px 0 8px; border-bottom: 1px solid var(--line); padding-bottom: 4px; }
h3 { font-size: 15px; margin: 0 0 2px; }
p { margin: 6px 0; } ul { margin: 6px 0; padding-left: 22px; } li, dd { overflow-wrap: anywhere; } td, th { overflow-wrap: break-word; }
.quiet, figcaption, caption { color: var(--quiet); font-size: 13px; }
.warn { color: var(--warn); font-weight: 600; }
.note { border: 1px solid var(--warn-line); background: var(--warn-ground); border-radius: 8px; padding: 10px 14px; margin: 14px 0; }
dl { display: grid; grid-template-columns: minmax(120px, max-content) 1fr; gap: 3px 18px; margin: 8px 0; } dt { color: var(--quiet); } dd { margin: 0; }
.scroll { overflow-x: auto; margin: 10px 0; } table { border-collapse: collapse; font-size: 14px; } caption { text-align: left; padding-bottom: 4px; }
th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; font-variant-numeric: tabular-nums; } thead th { color: var(--quiet); font-weight: 500; } tbody th { font-weight: 600; min-width: 130px; }
.sure { display: block; min-width: 170px; } td small { display: block; color: var(--quiet); white-space: nowrap; } tr.seen { color: var(--quiet); }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); gap: 24px; } figure { margin: 12px 0; min-width: 0; } figure svg { max-width: 100%; height: auto; }
details > summary { cursor: pointer; margin: 10px 0; }
pre { background: var(--well); border: 1px solid var(--line); border-radius: 8px; padding: 12px; overflow: auto; max-height: 420px; font: 12.5px/1.45 ui-monospace, Menlo, Consolas, monospace; user-select: all; }
.on-dark { display: none; }
@media screen and (prefers-color-scheme: dark) { .on-light { display: none; } .on-dark { display: block; } }
@media print { :root { --ground: #fff; --ink: #1f2328; --quiet: #57606a; --line: #d8dee4; --well: #f6f8f8; --warn: #8a4300; --warn-ground: #fff8ef; --warn-line: #f0c9a0; } .scroll, pre { overflow: visible; max-height: none; } }
`;
