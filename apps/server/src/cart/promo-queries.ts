import type { Db } from '@online-cinema/db/open';

/** The code of the promotion in a cart, in upper case; nothing when there is none. */
export async function selectCartPromo(db: Db, userId: string): Promise<string | undefined> {
  const row = await db.selectFrom('cartPromos').where('userId', '=', userId).select('code').executeTakeFirst();
  return row?.code;
}

/** Puts a promotion in a cart, in place of another. */
export async function upsertCartPromo(db: Db, userId: string, code: string): Promise<void> {
  await db
    .insertInto('cartPromos')
    .values({ userId, code })
    .onConflict((conflict) => conflict.column('userId').doUpdateSet({ code }))
    .execute();
}

/** Takes the promotion out of a cart: any, or this one only. */
export async function deleteCartPromo(db: Db, userId: string, code?: string): Promise<void> {
  await db
    .deleteFrom('cartPromos')
    .where('userId', '=', userId)
    .$if(code !== undefined, (query) => query.where('code', '=', code!))
    .execute();
}
