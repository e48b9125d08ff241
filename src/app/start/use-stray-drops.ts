import { useEffect } from 'react';
import { filesOfDrop } from '../model/folder.ts';
import { useApp } from '../state/store.ts';
import { takeDrop } from './take-drop.ts';

/**
 * A file let go beside the drop zone would make the browser leave the page for it: on the start screen it
 * is opened all the same, elsewhere nothing happens.
 */
export function useStrayDrops(): void {
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      const { summary, opening, failToOpen } = useApp.getState();
      if (summary || opening !== null || !event.dataTransfer) return;
      filesOfDrop(event.dataTransfer).then(takeDrop, failToOpen);
    };
    window.addEventListener('dragover', over);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('drop', drop);
    };
  }, []);
}
