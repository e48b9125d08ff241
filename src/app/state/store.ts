import { create } from 'zustand';
import { type AuditSlice, createAuditSlice } from './audit.ts';
import { createDatasetSlice, type DatasetSlice } from './dataset.ts';
import { createLabelSlice, type LabelSlice } from './labels.ts';
import { createModelSlice, type ModelSlice } from './model.ts';
import { createProbeSlice, type ProbeSlice } from './probe.ts';
import { type AppliedSlice, createAppliedSlice } from './probe-apply.ts';
import { createRunSlice, type RunSlice } from './run.ts';
import { createSettingsSlice, type SettingsSlice } from './settings.ts';
import { createSpeedSlice, type SpeedSlice } from './speed.ts';
import { createTrainSlice, type TrainSlice } from './train.ts';
import { createTrainedSlice, type TrainedSlice } from './trained.ts';
import { createViewSlice, type ViewSlice } from './view.ts';

export type AppState = ModelSlice &
  DatasetSlice &
  SettingsSlice &
  LabelSlice &
  RunSlice &
  ViewSlice &
  ProbeSlice &
  AppliedSlice &
  AuditSlice &
  SpeedSlice &
  TrainSlice &
  TrainedSlice;

/** The one state of the page: each slice is one idea in its own file. */
export const useApp = create<AppState>()((...args) => ({
  ...createModelSlice(...args),
  ...createDatasetSlice(...args),
  ...createSettingsSlice(...args),
  ...createLabelSlice(...args),
  ...createRunSlice(...args),
  ...createViewSlice(...args),
  ...createProbeSlice(...args),
  ...createAppliedSlice(...args),
  ...createAuditSlice(...args),
  ...createSpeedSlice(...args),
  ...createTrainSlice(...args),
  ...createTrainedSlice(...args),
}));
