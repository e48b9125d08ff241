import { DISCLAIMER } from '../model/disclaimer.ts';
import type { ProbeConfig } from '../probe/config.ts';
import { dataSection, modelSection, questionSection, rerunSection } from './html-about.ts';
import { foldsSection, methodSections, plotsSection, tableSection } from './html-figures.ts';
import { html, list, Markup, section } from './markup.ts';
import { REPORT_STYLE } from './style.ts';
import type { ProbeReport } from './types.ts';
import { splitWarning, testedWords } from './words.ts';

/** Nothing may be fetched or run: all the report needs is in it. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * The report as one HTML file: styles and drawings inline, no script, nothing fetched. All text of files
 * is escaped.
 * @param document draws the plots: the page's, or linkedom's in Node
 */
export function reportHtml(report: ProbeReport, document: Document): string {
  const { config, evaluation } = report;
  const title = `Probe of ${config.label.column} in ${report.data.file}`;
  const warning = splitWarning(evaluation, config.settings.split);
  const notices = [...(warning === null ? [] : [warning]), ...evaluation.notices];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(REPORT_STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="quiet">${featureWords(config)} of ${report.model.name} · ${new Date(report.date).toISOString().slice(0, 16).replace('T', ' ')} UTC · teddy-web ${report.version}</p>
<p class="warn">${DISCLAIMER.charAt(0).toUpperCase() + DISCLAIMER.slice(1)}.</p>
</header>
<main>
${notices.length > 0 ? html`<div class="note"><h3>Before reading the figures</h3>${list(notices)}</div>` : null}
${tableSection(evaluation)}
${plotsSection(evaluation, document)}
${methodSections(evaluation, document)}
${questionSection(report)}
${foldsSection(evaluation, config.settings.split)}
${section('Contamination audit', report.audit.length > 0 ? list(report.audit) : html`<p>None was made: nobody checked these cells for duplicates.</p>`)}
${dataSection(report)}
${modelSection(report)}
${rerunSection(report)}
</main>
<footer class="quiet"><p>${testedWords(evaluation)}. No cell is in this file: only figures of cells, donors and classes.</p></footer>
</body>
</html>
`;
  return page.text;
}

function featureWords({ features, pooling }: ProbeConfig): string {
  switch (features.kind) {
    case 'embedding':
      return `linear probe on embeddings (${pooling.replaceAll('_', ' ')})`;
    case 'annotation-state':
      return `linear probe on the state of the ${features.annotation.replaceAll('_', ' ')} token`;
    case 'obsm':
      return `linear probe on ${features.key} of the file, beside the embedding`;
  }
}
