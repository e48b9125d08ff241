/**
 * Names that files give to the classes of TEDDY models: pattern over a label in lower case with `_`
 * and `-` read as spaces → name of the class. First match wins. Only names that can mean nothing
 * else; the user adds the rest in the page.
 */
export type Names = readonly (readonly [pattern: RegExp, name: string])[];

export const DISEASE_NAMES: Names = [
  [/^(?:healthy|health|normal|hc|hv|healthy (?:control|donor|volunteer|individual|subject)s?)$/, 'normal'],
  // "non-COVID", "pre-COVID", "post-COVID", "COVID-", "COVID contact": neither the disease nor surely its absence.
  [
    /\b(?:non|not|no|never|without|uninfected|unexposed|unaffected|anti|former|pre|post|long|negative|neg|recovered|convalescent|suspected|contacts?|vaccin\w*|controls?)\b|-$/,
    '',
  ],
  [/\b(?:covid ?19|covid|sars ?cov ?2|ncov)\b/, 'COVID-19'],
  [/^(?:asd|autism|autistic|autism spectrum disorders?|autistic disorder)$/, 'autism spectrum disorder'],
  [/^(?:sle|lupus|systemic lupus(?: erythematosus)?)$/, 'systemic lupus erythematosus'],
];

/**
 * "control" is healthy beside a disease, but the untreated arm beside "stim": taken for normal only
 * where it stands alone or another label of the column is one of the model's diseases.
 */
export const CONTROL_NAMES = /^(?:controls?|ctrl|ctl)$/;

export const TISSUE_NAMES: Names = [
  [/^(?:pbmcs?|whole blood|peripheral blood|peripheral blood mononuclear cells?|venous blood)$/, 'blood'],
  [/^(?:pfc|dlpfc|dorsolateral prefrontal cortex|brodmann \(1909\) area (?:9|46))$/, 'prefrontal cortex'],
];

export const CELL_TYPE_NAMES: Names = [
  [/^b(?: cells?)?$/, 'B cell'],
  [/^(?:cd4|cd8)\+?(?: t(?: cells?)?)?$/, 'T cell'],
  [/^t(?: cells?)?$/, 'T cell'],
  [/^nk(?: cells?)?$/, 'natural killer cell'],
  [/^natural killer cells?$/, 'natural killer cell'],
  [/^(?:cd14|fcgr3a|cd16)\+? (?:monocytes?|mono)$/, 'monocyte'],
  [/^(?:monocytes|mono)$/, 'monocyte'],
  [/^(?:dendritic(?: cells?)?|dcs?)$/, 'dendritic cell'],
  [/^(?:megakaryocytes?|mk)$/, 'megakaryocyte'],
  [/^endothelial(?: cells?)?$/, 'endothelial cell'],
  [/^(?:microglia|microglial cells?)$/, 'microglial cell'],
  [/^(?:ast fb|fibrous astrocytes?)$/, 'fibrous astrocyte'],
];

export const SEX_NAMES: Names = [
  [/^(?:f|female|woman|women)$/, 'female'],
  [/^(?:m|male|man|men)$/, 'male'],
];
