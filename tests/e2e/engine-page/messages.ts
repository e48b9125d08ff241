import type { EngineDescription, EngineKind } from '../../../src/engine/engine.ts';
import type { Pooling } from '../../../src/model/config.ts';

/** A model in the page's folder: a package folder, or the json of a released shape. */
export interface OpenRequest {
  readonly kind: EngineKind;
  readonly model: { readonly folder: string } | { readonly deep: string };
}

/** A token batch as JSON. */
export interface EncodeRequest {
  readonly cuSeqlens: readonly number[];
  readonly geneIds: readonly number[];
  readonly values: readonly number[] | null;
  readonly pooling: Pooling;
  readonly states: boolean;
}

export type EngineRequest = { readonly open: OpenRequest } | { readonly encode: EncodeRequest };

/** Float32 arrays travel as base64 of their bytes, so that each bit arrives. */
export interface EncodeAnswer {
  readonly embedding: string;
  readonly logits: Readonly<Record<string, string>>;
  readonly hiddenStates: string | null;
  readonly annotationStates: string | null;
}

export type EngineAnswer =
  | { readonly description: EngineDescription }
  | { readonly encoded: EncodeAnswer }
  | { readonly error: string };
