/** What was wrong with a file: a sentence for the one who sent it. */
export class MediaFault extends Error {}
