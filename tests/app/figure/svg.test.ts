import { describe, expect, it } from 'vitest';
import type { FigureSpec } from '../../../src/app/figure/figure.ts';
import { figureSvg } from '../../../src/app/figure/svg.ts';
import { escapeXml } from '../../../src/report/escape.ts';

const HOSTILE = '</text><script>alert("1")</script>&\u0000\ud800';

function spec(changes: Partial<FigureSpec> = {}): FigureSpec {
  return {
    title: HOSTILE,
    positions: Float32Array.of(0, 0, 1, 3, Number.NaN, 1, 4, 2),
    colors: Uint8Array.of(1, 2, 3, 220, 255, 0, 0, 130, 9, 9, 9, 220, 0, 0, 0, 0),
    legend: {
      kind: 'categories',
      title: HOSTILE,
      items: [
        { label: HOSTILE, color: '#010203', count: 1234, role: 'category', note: 'seen in one study only' },
        { label: 'b', color: '"/><script/>', count: 1, role: 'category' },
      ],
    },
    predicted: true,
    dark: false,
    footer: [HOSTILE],
    ...changes,
  };
}

describe('SVG figure', () => {
  it('escapes every text of the file', () => {
    const svg = figureSvg(spec());
    expect(svg).not.toContain('<script');
    expect(svg).not.toContain('\u0000');
    expect(svg).not.toMatch(/\p{Surrogate}/u);
    expect(svg).toContain('&lt;/text&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;');
    expect(escapeXml("a'b\ud83d\ude00\ufffe")).toBe('a&apos;b\ud83d\ude00\ufffd');
  });

  it('balances its elements and draws one circle a placed, visible cell and legend row', () => {
    const svg = figureSvg(spec());
    expect(svg.match(/<circle /g)?.length).toBe(2 + 2);
    expect(svg).toContain('fill="#010203"/>');
    expect(svg).toContain('fill="#ff0000" fill-opacity="0.51"/>');
    for (const name of ['svg', 'g', 'text', 'title']) {
      expect(svg.match(new RegExp(`<${name}[ >]`, 'g'))?.length).toBe(
        svg.match(new RegExp(`</${name}>`, 'g'))?.length,
      );
    }
  });

  it('says what a prediction is, and of which classes to beware', () => {
    const svg = figureSvg(spec());
    expect(svg).toContain('Research demonstration, not for diagnosis');
    expect(svg).toContain('* seen in one study only');
    expect(svg).toContain('1,234');
    expect(figureSvg(spec({ predicted: false }))).not.toContain('diagnosis');
  });

  it('draws a colour bar with its range, light and dark', () => {
    const bar = {
      kind: 'continuous',
      title: 'CD14',
      range: [0, 2.71849],
      stops: ['#000000', '#ffffff'],
      items: [],
    } as const;
    const svg = figureSvg(spec({ legend: bar, dark: true, predicted: false }));
    expect(svg).toContain('<linearGradient');
    expect(svg).toContain('>2.718</text>');
    expect(svg).toContain('fill="#16181c"');
  });

  it('says how many legend rows it leaves out', () => {
    const items = Array.from({ length: 200 }, (_, i) => ({
      label: `c${i}`,
      color: '#000000',
      count: 1,
      role: 'category' as const,
    }));
    expect(figureSvg(spec({ legend: { kind: 'categories', title: 't', items } }))).toContain(
      '80 more legend rows',
    );
  });
});
