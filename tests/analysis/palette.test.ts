import { describe, expect, it } from 'vitest';
import {
  categoricalColor,
  parseColor,
  type Rgb,
  sequentialColor,
  toHex,
} from '../../src/analysis/palette.ts';

/** Relative luminance of WCAG 2. */
function luminance(color: Rgb): number {
  const [r, g, b] = color.map((v) =>
    v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

describe('palette', () => {
  it('gives two hundred different colours that stand out from their ground', () => {
    for (const dark of [false, true]) {
      const colors = Array.from({ length: 200 }, (_, i) => categoricalColor(i, dark));
      expect(new Set(colors.map(toHex)).size).toBeGreaterThan(190);
      for (const color of colors) {
        const contrast = dark ? (luminance(color) + 0.05) / 0.06 : 1.05 / (luminance(color) + 0.05);
        expect(contrast, toHex(color)).toBeGreaterThan(1.4);
      }
    }
    expect(toHex(categoricalColor(0, false))).toBe('#0072b2');
  });

  it('grows lighter along the sequential scale, clamped', () => {
    let before = -1;
    for (let t = 0; t <= 1; t += 0.05) {
      const now = luminance(sequentialColor(t));
      expect(now).toBeGreaterThan(before);
      before = now;
    }
    expect(sequentialColor(-3)).toEqual(sequentialColor(0));
    expect(sequentialColor(9)).toEqual(sequentialColor(1));
    expect(sequentialColor(Number.NaN)).toEqual(sequentialColor(0));
  });

  it('reads colours as files write them, nothing else', () => {
    expect(parseColor('#abc')).toEqual([170, 187, 204]);
    expect(parseColor('#1F77B4ff')).toEqual([31, 119, 180]);
    expect(parseColor('rgb(1, 2, 255)')).toEqual([1, 2, 255]);
    expect(parseColor('Grey')).toEqual([128, 128, 128]);
    for (const text of ['', '#12', 'rgb(1,2,256)', 'url(x)', 'constructor', '__proto__']) {
      expect(parseColor(text), text).toBeNull();
    }
  });
});
