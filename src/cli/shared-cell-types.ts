/** Cell types of Kang and pbmc3k under one name; `unknown` is no label (data/MANIFEST.md). */
export const SHARED_CELL_TYPES: Readonly<Record<string, string>> = {
  'B cells': 'B cell',
  'CD14+ Monocytes': 'monocyte',
  'FCGR3A+ Monocytes': 'monocyte',
  'CD4 T cells': 'T cell',
  'CD8 T cells': 'T cell',
  'NK cells': 'natural killer cell',
  'Dendritic cells': 'dendritic cell',
  Megakaryocytes: 'megakaryocyte',
};
