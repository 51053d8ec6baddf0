import { median } from '../timing/statistics.ts';
import type { Case } from './questions.ts';
import type { Server } from './servers.ts';

/** What a request cost in one round, in ms of CPU, and how many there were in a second. */
export type Round = { serverMs: number; postgresMs: number; perSecond: number };

/** Prints what a case costs each server, and how that compares with the limit in the same round. */
export function printTable({ title }: Case, results: Map<Server, Round[]>): void {
  const [limit = []] = [...results.values()];
  console.log(`\n| ${title} | server | Postgres | both, CPU ms | ÷ limit | least to most | a second |`);
  console.log('| --- | --: | --: | --: | --: | --: | --: |');
  for (const [server, rounds] of results) {
    const ratios = rounds.map((round, index) => bothMs(round) / bothMs(limit[index] ?? round));
    const cells = [
      server.title,
      ...[median(rounds.map(({ serverMs }) => serverMs)), median(rounds.map(({ postgresMs }) => postgresMs))].map(inMs),
      inMs(median(rounds.map(bothMs))),
      median(ratios).toFixed(2),
      `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
      median(rounds.map(({ perSecond }) => perSecond)).toFixed(0),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

function bothMs({ serverMs, postgresMs }: Round): number {
  return serverMs + postgresMs;
}

function inMs(ms: number): string {
  return ms.toFixed(3);
}
