import { beforeEach, describe, expect, it, vi } from 'vitest';
import { embeddedModel } from '../../src/app/model/embedded.ts';
import { currentAudit, currentAuditError } from '../../src/app/state/audit.ts';
import { provideServices } from '../../src/app/state/services.ts';
import { useApp } from '../../src/app/state/store.ts';
import { fakeServices } from './support/fake-services.ts';

const app = () => useApp.getState();
const clean = useApp.getInitialState();
const someFile = (name = 'fake.h5ad') => new File(['x'], name);

vi.stubGlobal('document', { baseURI: 'http://localhost/' });

async function opened(delay = 0) {
  const services = fakeServices({ delay });
  provideServices(services);
  await app().chooseModel(embeddedModel());
  await app().openFile(someFile());
  return vi.spyOn(services.dataset, 'audit');
}

describe('the audit of the page', () => {
  beforeEach(() => useApp.setState(clean, true));

  it('compares donors and the model that is loaded, once', async () => {
    const audit = await opened();
    const found = await app().runAudit();
    expect(found).toMatchObject({
      cells: 30,
      groupColumn: 'donor_id',
      modelWithoutSketch: 'teddy-g-bootstrap',
    });
    expect(audit.mock.calls[0][0]).toMatchObject({ matrix: 'X', groupColumn: 'donor_id', against: null });
    expect(await app().runAudit()).toBe(found);
    expect(audit).toHaveBeenCalledTimes(1);
    expect(app().auditProgress).toBeNull();
    const other = someFile('other.h5ad');
    await app().runAudit(other);
    expect(audit.mock.calls[1][0].against).toBe(other);
  });

  it('gives what is under way to whoever asks for the same', async () => {
    const audit = await opened(20);
    const [one, two] = await Promise.all([app().runAudit(), app().runAudit()]);
    expect(one).not.toBeNull();
    expect(two).toBe(one);
    expect(audit).toHaveBeenCalledTimes(1);
  });

  it('holds only for the file, model and donors it was made of', async () => {
    await opened();
    await app().runAudit();
    expect(currentAudit(app())).not.toBeNull();
    await app().setDonorColumn('condition');
    expect(currentAudit(app())).toBeNull();
    await app().runAudit();
    expect(currentAudit(app())?.groupColumn).toBe('condition');
    await app().openFile(someFile());
    expect(currentAudit(app())).toBeNull();
    await app().closeFile();
    expect(await app().runAudit()).toBeNull();
  });

  it('is dropped when another file is opened under way', async () => {
    await opened(20);
    const running = app().runAudit();
    await app().openFile(someFile('next.h5ad'));
    expect(await running).toBeNull();
    expect(currentAudit(app())).toBeNull();
    expect(app().auditProgress).toBeNull();
  });

  it('stops when asked, without an error', async () => {
    await opened(20);
    const running = app().runAudit();
    app().cancelAudit();
    expect(await running).toBeNull();
    expect(app().auditProgress).toBeNull();
    expect(currentAuditError(app())).toBeNull();
    expect(await app().runAudit()).not.toBeNull();
  });

  it('says what failed and keeps what was found', async () => {
    const audit = await opened();
    const found = await app().runAudit();
    audit.mockRejectedValueOnce(new Error('the file is odd'));
    expect(await app().runAudit(someFile())).toBeNull();
    expect(currentAuditError(app())?.what).toBe('The file is odd.');
    expect(currentAudit(app())).toBe(found);
    await app().openFile(someFile());
    expect(currentAuditError(app())).toBeNull();
  });
});
