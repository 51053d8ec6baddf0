// What titles, people and descriptions are composed of. The first of each list come up most often.

/** Names of the six kinds that do not grow with the catalogue, the commonest first. */
export const GENRES = words(
  'Drama Comedy Thriller Action Romance Crime Adventure Horror Documentary Fantasy Mystery Family Animation History War Music Biography Sport Western Musical Short Noir',
).concat('Science Fiction');
export const CERTIFICATIONS = words('R PG-13 PG Unrated G TV-MA NC-17 TV-14 TV-PG Approved');
export const COUNTRIES = words(
  'USA India UK France Japan Germany Italy Canada Spain China Mexico Brazil Australia Poland Sweden Argentina Denmark Ukraine Turkey Belgium Ireland Greece Portugal Norway Finland Austria Hungary Iran Egypt Israel Chile Nigeria Romania Thailand Iceland Georgia Senegal Peru Kenya Bhutan',
).concat('South Korea', 'New Zealand', 'Côte d’Ivoire');
export const LANGUAGES = words(
  'English Hindi French Japanese Spanish German Italian Mandarin Korean Portuguese Russian Polish Swedish Ukrainian Turkish Danish Cantonese Arabic Persian Greek Tamil Telugu Norwegian Finnish Hungarian Hebrew Romanian Thai Icelandic Georgian Wolof Quechua Swahili Dzongkha',
);

export const NOUNS = words(
  'Night Man Love House Day Girl Dead City Blood Moon Time Heart Death Life War King World Road River Summer Winter Fire Dream Star Ghost Wolf Sea Secret Game Woman Stranger Garden Shadow Storm Kiss Train Doctor Angel Island Mother Father Dog Brother Sister Devil Queen Thief Letter Island Hunter Witch Castle Bridge Snow Rain Mirror Heat Silence Hotel Horse Rose Gun Murder Wedding Circus Desert Mountain Ocean Empire Knight Detective Machine Robot Planet Alien Vampire Pirate Captain Soldier Spy Prisoner Professor Painter Pianist Dancer Café Fiancée Señor Voyage Harvest Orchard Lighthouse Clockwork Labyrinth Sparrow Falcon Tiger Panther Serpent Dragon Phoenix Meridian Paradox Hypothesis Cartographer Beekeeper Ventriloquist Apothecary Taxidermist',
);
export const ADJECTIVES = words(
  'Last Dark Little Long Black Great White Red Big Lost New Blue Dead Young Old Wild Secret Broken Cold Golden Perfect Silent Beautiful Dangerous Lonely Strange Final Hidden Burning Eternal Invisible Bitter Sweet Crazy Sleeping Forgotten Midnight Naked Savage Royal Hollow Crooked Frozen Scarlet Emerald Ordinary Reluctant Magnificent Melancholy Incorrigible Phosphorescent',
);
export const PLOTS = words(
  'finds loses hunts loves saves betrays follows marries forgets discovers steals protects hires robs kidnaps haunts teaches pursues befriends deceives photographs impersonates blackmails outwits hypnotises',
);
export const WHO = words(
  'man woman detective doctor soldier teacher boy girl thief lawyer writer singer farmer student widow journalist waitress boxer nun sailor butcher astronaut clown locksmith beekeeper cartographer ventriloquist',
);
export const WHERE = words(
  'town city village house school forest hotel prison hospital island farm desert castle theatre harbour station lighthouse monastery observatory shipyard',
);
export const WHEN = [
  'One night',
  'After the war',
  'In the last days of summer',
  'Years later',
  'Before the wedding',
  'When everything seems lost',
  'During a storm',
  'On the longest day of the year',
];
const GIVEN = words(
  'John Mary James Anna Robert Maria Michael Emma David Sofia William Laura Richard Julia Thomas Elena Daniel Marie Peter Sara Paul Nina George Alice Frank Clara Henry Ida Jack Eva Carlos Zoë José André Renée Björn Chloé Søren Łukasz Aïcha Akira Yuki Ravi Priya Chen Mei Omar Leila Olena Taras Kwame Amara Ingrid Lars Dmitri Natalia Giulia Marco Beatriz Tomás',
);

const STARTS = words(
  'Ma Ka Be Lo Har Win Ros Sal Ter Gol Fer Pet Mor Ban Dal Cor Vas Ny Tor Lin Bru Ske Zav Ush Qui Ö Łu Ibá',
);
const MIDDLES = words('ri ne lla ton ber sti go man ve da ko li ra mi no stra ze pha wi ché');
const ENDS = words('n son ez er ov ski ini dottir field ston well man bach ard eau o enko ström wood ides');

/** How many names {@link composeName} knows. */
const SURNAMES = STARTS.length * MIDDLES.length * ENDS.length;

/** Composes the surname, or place, of this number; they repeat after some ten thousand. */
export function composeName(number: number): string {
  const pick = (list: readonly string[], place: number) => list[place % list.length] ?? '';
  const [middle, end] = [Math.floor(number / STARTS.length), Math.floor(number / (STARTS.length * MIDDLES.length))];
  return `${pick(STARTS, number)}${pick(MIDDLES, middle)}${pick(ENDS, end)}`;
}

/** The full name of this number; no two alike among the first half million. */
export function composePerson(number: number): string {
  // Steps of a large prime, lest neighbours have one surname.
  const place = (number * 7919) % (GIVEN.length * SURNAMES);
  return `${GIVEN[place % GIVEN.length]} ${composeName(Math.floor(place / GIVEN.length))}`;
}

function words(list: string): string[] {
  return list.split(' ');
}
