import { Nothing } from '@online-cinema/contract/common';
import {
  namedRelated,
  Related,
  RELATED_IDS,
  relatedInput,
  type RelatedKind,
  RelatedListInput,
  RelatedPage,
  renamedRelated,
} from '@online-cinema/contract/related';
import { actorOf } from '../audit.ts';
import { TOLD_MS } from '../lib/answer-memory.ts';
import { anyProcedure, moderatorProcedure, rest, router } from '../trpc.ts';
import { createRelated, deleteRelated, getRelated, listRelated, renameRelated } from './related.ts';

/** `genres`, `stars`, `directors`, `certifications`, `countries`, `languages`: what films are described by. */
export const relatedRouters = {
  genres: relatedRouter('genres', 'a genre'),
  stars: relatedRouter('stars', 'a star'),
  directors: relatedRouter('directors', 'a director'),
  certifications: relatedRouter('certifications', 'a certification'),
  countries: relatedRouter('countries', 'a country'),
  languages: relatedRouter('languages', 'a language'),
};

function relatedRouter<Kind extends RelatedKind>(kind: Kind, one: string) {
  const field = RELATED_IDS[kind];
  // An input whose type hangs on a kind not known here might, for all the compiler can tell, be none at all.
  const One = one.charAt(0).toUpperCase() + one.slice(1);
  return router({
    list: anyProcedure
      .meta(rest('GET', `/${kind}`, `The ${kind}, by name`, { rememberMs: TOLD_MS }))
      .input(RelatedListInput)
      .output(RelatedPage)
      .query(({ ctx, input }) => listRelated(ctx.deps, kind, input)),

    get: anyProcedure
      .meta(rest('GET', `/${kind}/{${field}}`, `${One}, and how many films have it`, { rememberMs: TOLD_MS }))
      .input(relatedInput(kind))
      .output(Related)
      .query(({ ctx, input }) => getRelated(ctx.deps, kind, input![field])),

    create: moderatorProcedure
      .meta(rest('POST', `/${kind}`, `Add ${one}`, { status: 201, location: `/${kind}/{id}` }))
      .input(namedRelated(kind))
      .output(Related)
      .mutation(({ ctx, input }) => createRelated(ctx.deps, actorOf(ctx), { kind, ...input })),

    rename: moderatorProcedure
      .meta(rest('PATCH', `/${kind}/{${field}}`, `Rename ${one}`))
      .input(renamedRelated(kind))
      .output(Related)
      .mutation(({ ctx, input }) =>
        renameRelated(ctx.deps, actorOf(ctx), { kind, id: input![field], name: input!.name }),
      ),

    delete: moderatorProcedure
      .meta(rest('DELETE', `/${kind}/{${field}}`, `Delete ${one} that no film has`, { status: 204 }))
      .input(relatedInput(kind))
      .output(Nothing)
      .mutation(({ ctx, input }) => deleteRelated(ctx.deps, actorOf(ctx), { kind, id: input![field] })),
  });
}
