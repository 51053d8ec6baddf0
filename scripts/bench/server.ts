/** A cinema to measure: server, worker (unless `PROCESS` says otherwise) and inbox in one process, as `npm start` runs them. */
import { startInbox } from '@online-cinema/local-services/inbox';
import { startApp } from '@online-cinema/server/app';
import { readConfig } from '@online-cinema/server/config';

const inbox = await startInbox();
const app = await startApp({ config: readConfig({ ...process.env, SMTP_URL: inbox.smtpUrl }) });
process.once('disconnect', () => void stop());
process.send?.(app.url);

async function stop(): Promise<void> {
  await app.stop();
  await inbox.stop();
}
