/** obs columns that record the tissue, best first. */
export const TISSUE_COLUMNS = ['tissue', 'tissue_ontology_term_id', 'organ', 'tissue_label'];

/** Other words and ontology terms for tissues that models know; a part of a tissue counts as the tissue. */
const SAME_TISSUE: Readonly<Record<string, readonly string[]>> = {
  blood: [
    'pbmc',
    'pbmcs',
    'peripheral blood',
    'peripheral blood mononuclear cell',
    'peripheral blood mononuclear cells',
    'whole blood',
    'venous blood',
    'buffy coat',
    'uberon:0000178',
    'uberon:0013756',
  ],
  'prefrontal cortex': [
    'pfc',
    'dlpfc',
    'dorsolateral prefrontal cortex',
    'medial prefrontal cortex',
    'ventrolateral prefrontal cortex',
    'brodmann area 9',
    'brodmann (1909) area 9',
    'brodmann area 46',
    'brodmann (1909) area 46',
    'uberon:0000451',
    'uberon:0009834',
    'uberon:0013540',
    'uberon:0006483',
  ],
};

const NOT_RECORDED = new Set(['', 'unknown', 'na', 'n/a', 'nan', 'none', 'unassigned', 'not available']);

/**
 * Whether a recorded tissue is one of the model's; null where none is recorded, so that nothing is
 * known against it. Anything that is not recognised is another tissue.
 */
export function isModelTissue(recorded: string | null, modelTissues: readonly string[]): boolean | null {
  const name = plain(recorded ?? '');
  if (NOT_RECORDED.has(name)) return null;
  return modelTissues.some((tissue) => {
    const known = plain(tissue);
    return known === name || (SAME_TISSUE[known]?.includes(name) ?? false);
  });
}

function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[_\s-]+/g, ' ');
}
