import { formatNumber } from './format.ts';
import { isolate, legendRows, toggle } from './legend-filter.ts';
import type { LegendItem, LegendProps } from './types.ts';

/**
 * What the colours mean, with counts. A row is a button: click shows it alone, Shift- or ⌘/Ctrl-click
 * switches it, also with Enter and Space. Long legends scroll.
 */
export function Legend({ legend, filter, onFilter }: LegendProps) {
  const rows = legendRows(legend);
  return (
    <section className="legend" aria-label={`Legend: ${legend.title}`}>
      <div className="legend-title">
        <strong>{legend.title}</strong>
        {filter !== null && (
          <button type="button" className="legend-all" onClick={() => onFilter(null)}>
            Show all
          </button>
        )}
      </div>
      {legend.kind === 'continuous' && (
        <div className="legend-bar">
          <div
            aria-hidden="true"
            style={{
              height: 10,
              borderRadius: 2,
              background: `linear-gradient(to right, ${legend.stops.join(', ')})`,
            }}
          />
          <div style={{ display: 'flex', justifyContent: 'space-between' }}>
            <span>{formatNumber(legend.range[0])}</span>
            <span>{formatNumber(legend.range[1])}</span>
          </div>
        </div>
      )}
      <ul className="legend-rows" style={{ listStyle: 'none', margin: 0, padding: 0, overflowY: 'auto' }}>
        {legend.items.map((item, row) => (
          <li key={`${item.role}:${item.label}`}>
            <LegendRow
              item={item}
              shown={filter === null || filter.has(row)}
              onPress={(additive) => onFilter(additive ? toggle(filter, row, rows) : isolate(filter, row))}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface LegendRowProps {
  readonly item: LegendItem;
  readonly shown: boolean;
  readonly onPress: (additive: boolean) => void;
}

function LegendRow({ item, shown, onPress }: LegendRowProps) {
  return (
    <button
      type="button"
      className={`legend-row legend-${item.role}`}
      aria-pressed={shown}
      title="Click: only this. Shift- or ⌘/Ctrl-click: on or off."
      onClick={(event) => onPress(event.shiftKey || event.metaKey || event.ctrlKey)}
      style={{ opacity: shown ? 1 : 0.7 }}
    >
      <span
        aria-hidden="true"
        className="legend-swatch"
        style={{
          display: 'inline-block',
          width: 10,
          height: 10,
          borderRadius: 5,
          background: shown ? item.color : 'transparent',
          boxShadow: `inset 0 0 0 1.5px ${item.color}`,
        }}
      />
      <span className="legend-label">
        {item.label}
        {item.note !== undefined && <small className="legend-note"> {item.note}</small>}
      </span>
      <span className="legend-count">{item.count.toLocaleString('en')}</span>
    </button>
  );
}
