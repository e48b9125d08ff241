/** BroadcastChannel on which pages of the site hear that what the browser keeps for it has changed. */
export const STORED_CHANNEL = 'teddy-web-stored';

/** Tells every open page that stored models or kept results have changed. */
export function tellStored(): void {
  const channel = new BroadcastChannel(STORED_CHANNEL);
  channel.postMessage('changed');
  channel.close();
}
