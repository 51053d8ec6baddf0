/** Packs the client as it would be published, and says how to install it. */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { packClient } from './pack-client.ts';

const folder = resolve(process.env['DATA_DIR'] || '.data', 'packages');
mkdirSync(folder, { recursive: true });
console.log(`Packed. In your project:\n\n  npm install ${packClient(folder)}\n`);
