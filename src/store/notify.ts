/** BroadcastChannel on which pages of the site hear that the store of models has changed. */
export const STORED_MODELS_CHANNEL = 'teddy-web-stored-models';

/** Tells every open page that the store of models has changed. */
export function tellStoredModels(): void {
  const channel = new BroadcastChannel(STORED_MODELS_CHANNEL);
  channel.postMessage('changed');
  channel.close();
}
