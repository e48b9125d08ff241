/** What happened and, where something can be done, what. */
export interface Sentence {
  readonly what: string;
  readonly help: string | null;
}

/** How an error of one code is put: from its message and what it is about. */
export type Say = (message: string, subject: string) => Sentence;

/** Whatever the error's message is. */
export function always(what: string, help: string | null): Say {
  return () => ({ what, help });
}

/** The error's message says what happened. */
export function saysItself(help: string | null): Say {
  return (message) => ({ what: asSentence(message), help });
}

/** A message as a sentence: capital first, full stop last. */
export function asSentence(message: string): string {
  const text = message.trim();
  const end = /[.!?]$/.test(text) ? '' : '.';
  return text.charAt(0).toUpperCase() + text.slice(1) + end;
}
