import type { StateCreator } from 'zustand';
import type { AuditFindings } from '../../audit/findings.ts';
import type { MatrixName } from '../../data/dataset.ts';
import type { DatasetInput } from '../../data/input.ts';
import { isAbort, type Sentence, sentenceOf } from '../../run/messages.ts';
import type { ModelLocation, Progress } from '../../run/services.ts';
import { services } from './services.ts';
import type { AppState } from './store.ts';

/** What findings are about; they hold while the page still has the same. */
interface Audited {
  readonly input: DatasetInput | null;
  readonly matrix: MatrixName | null;
  readonly location: ModelLocation | null;
  readonly donorColumn: string | null;
}

export interface AuditSlice {
  /** The last audit's; `currentAudit` and `currentAuditError` say whether they are about what is open now. */
  readonly auditFindings: AuditFindings | null;
  readonly audited: Audited | null;
  readonly auditProgress: Progress | null;
  readonly auditError: Sentence | null;
  /**
   * Looks for duplicate cells. What was found of the same file, counts, model and donors is not looked for
   * again unless there is another file to compare with.
   * @param against another file of cells or a sketch
   * @returns null where nothing is open, or it failed (`auditError`) or was cancelled
   */
  readonly runAudit: (against?: File) => Promise<AuditFindings | null>;
  readonly cancelAudit: () => void;
}

export const createAuditSlice: StateCreator<AppState, [], [], AuditSlice> = (set, get) => {
  let running: AbortController | null = null;
  /** The audit under way, for whoever asks for the same. */
  let pending: { readonly about: Audited; readonly findings: Promise<AuditFindings | null> } | null = null;

  async function start(about: Audited, against: File | null): Promise<AuditFindings | null> {
    if (!about.input || !about.matrix) return null;
    running?.abort();
    const mine = new AbortController();
    running = mine;
    set({ auditError: null, auditProgress: { stage: 'comparing cells', done: 0, unit: 'cells' } });
    try {
      const auditFindings = await services().dataset.audit(
        {
          matrix: about.matrix,
          groupColumn: about.donorColumn,
          model: about.location,
          against,
        },
        {
          signal: mine.signal,
          onProgress: (auditProgress) => {
            if (running === mine) set({ auditProgress });
          },
        },
      );
      if (running !== mine || !isSame(about, auditedNow(get()))) return null;
      set({ auditFindings, audited: about });
      return auditFindings;
    } catch (error) {
      if (running !== mine || isAbort(error) || !isSame(about, auditedNow(get()))) return null;
      // What was found before of the same stays.
      set({ auditFindings: currentAudit(get()), audited: about, auditError: sentenceOf(error) });
      return null;
    } finally {
      if (running === mine) {
        running = null;
        pending = null;
        set({ auditProgress: null });
      }
    }
  }

  return {
    auditFindings: null,
    audited: null,
    auditProgress: null,
    auditError: null,

    runAudit: async (against) => {
      const known = currentAudit(get());
      if (known && !against) return known;
      const about = auditedNow(get());
      if (pending && !against && isSame(pending.about, about)) return pending.findings;
      const findings = start(about, against ?? null);
      pending = { about, findings };
      return findings;
    },

    cancelAudit: () => running?.abort(),
  };
};

/** Findings about the file, counts, model and donors that the page has now; null = none were made. */
export function currentAudit(state: AppState): AuditFindings | null {
  return state.audited && isSame(state.audited, auditedNow(state)) ? state.auditFindings : null;
}

/** Why the last audit of what the page has now failed; null = it did not. */
export function currentAuditError(state: AppState): Sentence | null {
  return state.audited && isSame(state.audited, auditedNow(state)) ? state.auditError : null;
}

function auditedNow({ input, matrix, location, donorColumn }: AppState): Audited {
  return { input, matrix, location, donorColumn };
}

function isSame(a: Audited, b: Audited): boolean {
  return (
    a.input === b.input &&
    a.matrix === b.matrix &&
    a.location === b.location &&
    a.donorColumn === b.donorColumn
  );
}
