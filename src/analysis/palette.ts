/**
 * Colours of the page and of every export, as sRGB bytes. Pure: no DOM, no theme object; the only
 * thing a colour depends on is whether it lies on a dark ground.
 */
export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * Okabe & Ito's seven colours (without black; 2008), then Tol's "muted" ones (2021) that differ from
 * them: all told apart under the three common colour vision deficiencies while few are in use.
 */
const CATEGORICAL: readonly string[] = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#f0e442',
  '#882255',
  '#44aa99',
  '#332288',
  '#999933',
  '#aa4499',
  '#117733',
  '#cc6677',
  '#88ccee',
  '#ddcc77',
  '#661100',
  '#6699cc',
];

/** Nine stops of matplotlib's viridis: even in lightness, so readable without colour. */
const VIRIDIS: readonly Rgb[] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

/** Missing values and context points. */
export function missingColor(dark: boolean): Rgb {
  return dark ? [110, 114, 120] : [176, 180, 186];
}

/** Withheld predictions: grey too, a step stronger than a missing value. */
export function withheldColor(dark: boolean): Rgb {
  return dark ? [150, 143, 134] : [128, 122, 114];
}

/**
 * Colour of the i-th category. The first eighteen are fixed; further ones walk the hue circle of
 * OKLCH by the golden angle on three levels of lightness, so any number stays distinct as far as
 * colours can.
 */
export function categoricalColor(index: number, dark: boolean): Rgb {
  const fixed = CATEGORICAL[index];
  if (fixed !== undefined) return onGround(parseColor(fixed) ?? [0, 0, 0], dark);
  const step = index - CATEGORICAL.length;
  const lightness = [0.62, 0.74, 0.5][step % 3] ?? 0.62;
  const hue = (step * 137.508 * Math.PI) / 180;
  return onGround(fromOklab([lightness, 0.12 * Math.cos(hue), 0.12 * Math.sin(hue)]), dark);
}

/** Viridis at t in [0, 1] (clamped); NaN gives the first stop. */
export function sequentialColor(t: number): Rgb {
  const at = Math.min(1, Math.max(0, Number.isNaN(t) ? 0 : t)) * (VIRIDIS.length - 1);
  const i = Math.min(VIRIDIS.length - 2, Math.floor(at));
  const from = VIRIDIS[i] as Rgb;
  const to = VIRIDIS[i + 1] as Rgb;
  const mix = (k: 0 | 1 | 2) => Math.round(from[k] + (to[k] - from[k]) * (at - i));
  return [mix(0), mix(1), mix(2)];
}

/** `#rrggbb` */
export function toHex(color: Rgb): string {
  return `#${color.map((v) => v.toString(16).padStart(2, '0')).join('')}`;
}

/**
 * A colour as files write it: `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)` or one of a few CSS names
 * that matplotlib users write; null for anything else. Alpha is dropped.
 */
export function parseColor(text: string): Rgb | null {
  const value = text.trim().toLowerCase();
  const named = NAMED.get(value);
  if (named !== undefined) return parseColor(named);
  if (/^#[0-9a-f]{3,4}$/.test(value)) {
    return [1, 2, 3].map((k) => Number.parseInt(value.charAt(k).repeat(2), 16)) as unknown as Rgb;
  }
  if (/^#(?:[0-9a-f]{6}|[0-9a-f]{8})$/.test(value)) {
    return [1, 3, 5].map((k) => Number.parseInt(value.slice(k, k + 2), 16)) as unknown as Rgb;
  }
  const parts = /^rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+[\d.]+%?)?\s*\)$/.exec(value);
  if (parts === null) return null;
  const rgb = [Number(parts[1]), Number(parts[2]), Number(parts[3])] as const;
  return rgb.every((v) => v <= 255) ? rgb : null;
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['black', '#000000'],
  ['white', '#ffffff'],
  ['red', '#ff0000'],
  ['green', '#008000'],
  ['blue', '#0000ff'],
  ['yellow', '#ffff00'],
  ['orange', '#ffa500'],
  ['purple', '#800080'],
  ['brown', '#a52a2a'],
  ['pink', '#ffc0cb'],
  ['gray', '#808080'],
  ['grey', '#808080'],
  ['cyan', '#00ffff'],
  ['magenta', '#ff00ff'],
  ['olive', '#808000'],
  ['navy', '#000080'],
  ['teal', '#008080'],
  ['gold', '#ffd700'],
  ['lightgray', '#d3d3d3'],
  ['lightgrey', '#d3d3d3'],
]);

/** Keeps a colour visible: not lighter than OKLab 0.86 on white, not darker than 0.55 on a dark ground. */
function onGround(color: Rgb, dark: boolean): Rgb {
  const [l, a, b] = toOklab(color);
  const kept = dark ? Math.max(0.55, l) : Math.min(0.86, l);
  return kept === l ? color : fromOklab([kept, a, b]);
}

type Lab = readonly [lightness: number, a: number, b: number];

/** sRGB bytes to OKLab (Ottosson 2020, "A perceptual color space for image processing"). */
function toOklab(color: Rgb): Lab {
  const [r, g, b] = color.map((v) => {
    const c = v / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** Back to sRGB bytes, clipped to the gamut. */
function fromOklab([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((c) => {
    const v = c <= 0.0031308 ? 12.92 * c : 1.055 * Math.max(0, c) ** (1 / 2.4) - 0.055;
    return Math.round(Math.min(1, Math.max(0, v)) * 255);
  }) as unknown as Rgb;
}
