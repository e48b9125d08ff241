/** What a stopped run leaves. */
export const PARTIAL_SENTENCE = 'Stopped: what was done is kept and can be exported.';
