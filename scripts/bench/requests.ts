/**
 * Prints what our requests cost beside those of a limit, which does the same by hand, and of peers: milliseconds of CPU,
 * of the server and of Postgres together. All answer from one database, in turns, and first the same. Needs Linux.
 */
import { parseArgs } from 'node:util';
import { createCpuMeter } from './cpu.ts';
import { findDifference } from './requests/answers.ts';
import { startDatabase } from './requests/database.ts';
import { ask, type Case, CONNECTIONS, makeCases } from './requests/questions.ts';
import { readAnswer, type Server, startLoad, startServers } from './requests/servers.ts';
import { printTable, type Round } from './requests/table.ts';

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    rounds: { type: 'string', default: '5' },
    /** In each round, of the dearer ones; cheaper ones are asked more often. */
    requests: { type: 'string', default: '640' },
    films: { type: 'string', default: '10000' },
    /** Which requests, and of which servers; the limit is always among them. */
    only: { type: 'string', default: '' },
    servers: { type: 'string', default: '' },
  },
});
const [rounds, requests] = [Number(values.rounds), Number(values.requests)];
const COMPARED = 50;
const WARM_UP_ROUNDS = 3;

await using database = await startDatabase(Number(values.films));
const { servers, stop } = await startServers(database);
const load = startLoad();
try {
  const all = makeCases(database);
  const wanted = values.only === '' ? all.map(({ name }) => name) : values.only.split(',');
  const cases = all.filter(({ name }) => wanted.includes(name));
  for (const each of cases) await assertEqualAnswers(each);
  for (const each of cases) printTable(each, await measure(each));
} finally {
  load.stop();
  await stop();
}

/** Those that a case is about: what is remembered is asked of who has a memory, all else of who has none. */
function serversOf({ name, isRemembered }: Case): Server[] {
  return servers.filter((server) => {
    if (server.name === 'limit') return true;
    if (values.servers !== '' && !values.servers.split(',').includes(server.name)) return false;
    return server.name.endsWith('-memory') ? isRemembered : !isRemembered && !server.lacks.includes(name);
  });
}

async function assertEqualAnswers(each: Case): Promise<void> {
  const questions = ask(each, { count: COMPARED, seed: 1 });
  const answers = new Map<Server, unknown[]>();
  for (const server of serversOf(each)) {
    const { bodies } = await load.send(server, questions, true);
    answers.set(
      server,
      bodies.flat().map((body) => readAnswer(server, body)),
    );
  }
  const [limit = [], ...others] = [...answers];
  const asked = questions.flat();
  for (const [server, given] of others) {
    for (const [index, expected] of limit[1]?.entries() ?? []) {
      const difference = findDifference(each, expected, given[index]);
      if (difference === null) continue;
      throw new Error(`${server.title} answers ${JSON.stringify(asked[index])} otherwise: ${difference}`);
    }
  }
  console.error(`${each.name}: ${asked.length} answers alike`);
}

async function measure(each: Case): Promise<Map<Server, Round[]>> {
  const measured = serversOf(each);
  const askSome = (server: Server, seed: number) =>
    ask(each, { count: Math.max(CONNECTIONS, requests * each.share * server.share), seed });
  // Until V8 has compiled what is called often, and Postgres has planned what has a name in each connection.
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    for (const server of measured) await load.send(server, askSome(server, 1_000 + round));
  }
  const results = new Map(measured.map((server): [Server, Round[]] => [server, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Each comes first in one of the rounds, and last in another.
    const inTurn = measured.map((_, index) => measured[(index + round) % measured.length]);
    for (const server of inTurn) {
      if (server) results.get(server)?.push(await measureRound(server, askSome(server, 3 + round)));
      // Pools close what is idle for ten seconds, and with it all that was planned: nobody's connections may be.
      for (const other of measured) await load.send(other, ask(each, { count: CONNECTIONS, seed: 2 }));
    }
  }
  return results;
}

async function measureRound(server: Server, questions: ReturnType<typeof ask>): Promise<Round> {
  const count = questions.flat().length;
  const readCpu = await createCpuMeter(server.pid, database.db);
  const before = readCpu();
  const { elapsedMs } = await load.send(server, questions);
  const after = readCpu();
  return {
    serverMs: (after.server - before.server) / count,
    postgresMs: (after.postgres - before.postgres) / count,
    perSecond: (count / elapsedMs) * 1_000,
  };
}
