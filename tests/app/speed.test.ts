import { MantineProvider } from '@mantine/core';
import { parseHTML } from 'linkedom';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { speedPlots } from '../../src/app/speed/plots.ts';
import { SpeedResult } from '../../src/app/speed/SpeedResult.tsx';
import { formatFlops, formatSpeed } from '../../src/app/speed/words.ts';
import { provideServices } from '../../src/app/state/services.ts';
import { useApp } from '../../src/app/state/store.ts';
import { fakeServices } from './support/fake-services.ts';
import { FAKE_REPORT } from './support/fake-speed.ts';

const app = () => useApp.getState();
const clean = useApp.getInitialState();

describe('measuring from the page', () => {
  beforeEach(() => useApp.setState(clean, true));

  it('shows what is known while it goes on, and all of it in the end', async () => {
    provideServices(fakeServices());
    app().openSpeed();
    const measured = app().measureSpeed(20);
    await vi.waitFor(() => expect(app().speedProgress).toEqual({ done: 1, total: 2 }));
    expect(app().speedReport?.models).toEqual([]);
    await measured;
    expect(app().speedProgress).toBeNull();
    expect(app().speedReport).toEqual(FAKE_REPORT);
  });

  it('keeps what was measured when it is stopped, and says nothing of it', async () => {
    provideServices(fakeServices({ delay: 30 }));
    const measured = app().measureSpeed(20);
    await vi.waitFor(() => expect(app().speedProgress?.done).toBe(1));
    app().cancelSpeed();
    await measured;
    expect(app()).toMatchObject({ speedProgress: null, speedError: null });
    expect(app().speedReport?.adapter).toEqual(FAKE_REPORT.adapter);
  });

  it('stops when the screen is left', async () => {
    const services = fakeServices({ delay: 30 });
    provideServices(services);
    const measure = vi.spyOn(services.speed, 'measure');
    app().openSpeed();
    const measured = app().measureSpeed(60);
    await vi.waitFor(() => expect(measure).toHaveBeenCalled());
    app().closeSpeed();
    await measured;
    expect(measure.mock.calls[0][0].signal?.aborted).toBe(true);
    expect(app().speedOpen).toBe(false);
  });

  it('has a sentence where it fails', async () => {
    const services = fakeServices();
    provideServices(services);
    vi.spyOn(services.speed, 'measure').mockRejectedValue(new Error('the worker is gone'));
    await app().measureSpeed(20);
    expect(app().speedError?.what).toBeTruthy();
    expect(app().speedProgress).toBeNull();
  });
});

describe('what was measured', () => {
  function rendered(complete: boolean): Document {
    const result = createElement(SpeedResult, { report: FAKE_REPORT, complete });
    const html = renderToStaticMarkup(createElement(MantineProvider, null, result));
    return parseHTML(`<!doctype html><html><body>${html}</body></html>`).document as unknown as Document;
  }

  it('stands in a table, with what was counted up and what was left out', () => {
    const rows = [...rendered(true).querySelectorAll('tbody tr')].map((row) =>
      [...row.querySelectorAll('td')].map(({ textContent }) => textContent),
    );
    expect(rows).toEqual([
      ['WebGPU', '70M', '82 cells/s', '5.0 TFLOP/s', '12 of 12 layers, 1,000 genes'],
      ['WebAssembly, 8-bit', '70M', '2.0 s a cell', '60 GFLOP/s', '1 of 12 layers, 250 genes'],
      ['WebAssembly', '400M', 'not within this time'],
      ['WebGPU', '400M', 'The GPU ran out of memory.'],
    ]);
  });

  it('names the machine and is handed out once complete', () => {
    const page = rendered(true);
    expect(page.body.textContent).toContain('Arc B580; at most 12 TFLOP/s and 400 GB/s');
    expect(page.querySelectorAll('[data-testid=copy-speed], [data-testid=save-speed]')).toHaveLength(2);
    expect(rendered(false).querySelector('[data-testid=copy-speed]')).toBeNull();
  });

  it('is drawn, on light and dark ground, in any width', () => {
    const { document } = parseHTML('<!doctype html><html><body></body></html>');
    const plots = speedPlots(FAKE_REPORT);
    expect(plots.map(({ id }) => id)).toEqual(['models', 'products']);
    for (const plot of plots)
      for (const [dark, width] of [
        [false, 560],
        [true, 260],
      ] as const) {
        const drawn = plot.draw({ document: document as unknown as Document, dark, width });
        expect(drawn.outerHTML).not.toContain('NaN');
        expect(drawn.getAttribute('role')).toBe('img');
      }
    expect(speedPlots({ ...FAKE_REPORT, models: [], peak: null })).toEqual([]);
  });

  it('is told in numbers people can read', () => {
    expect(formatSpeed(123.4)).toBe('123 cells/s');
    expect(formatSpeed(1.25)).toBe('1.3 cells/s');
    expect(formatSpeed(0.02)).toBe('50 s a cell');
    expect(formatFlops(1.234e13)).toBe('12 TFLOP/s');
    expect(formatFlops(4.4e9)).toBe('4.4 GFLOP/s');
  });
});
