/** Stands wherever predictions appear, exports and reports included. */
export const DISCLAIMER = 'research demonstration, not for diagnosis';
